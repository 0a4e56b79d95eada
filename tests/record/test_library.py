"""Where kept replies are looked for, in which order, and how many are held."""

from __future__ import annotations

from dataclasses import replace

from deepseek_magic.chat.footer import opening
from deepseek_magic.record.database import Database
from deepseek_magic.record.digest import SERVERS, Digest
from deepseek_magic.record.json_lines import Lines, write
from deepseek_magic.record.kept import Kept, block
from deepseek_magic.record.library import Library
from deepseek_magic.record.missing import why_missing
from deepseek_magic.record.shelf import Shelf

REQUEST = "0" * 64
KEPT = Kept(REQUEST, "text", "2026-11-29T20:00:00Z")


def saved(text, cell="", **more):
    """The metadata and the text of an output."""
    kept = replace(KEPT, text=text)
    return {"version": 1, "state": "complete", "cell": cell, **block(kept), **more}, text


class Recorded:
    """A record of one reply."""

    notes, writes = (), False

    def __init__(self, *kept):
        self.kept = kept

    def find(self, request, cell, fits):
        return next((one for one in self.kept if one.request == request and fits(one)), None)

    def newest(self):
        return iter(self.kept)

    def add(self, kept):
        raise AssertionError


def test_a_saved_reply_that_had_not_ended_is_none():
    library = Library()
    assert library.take_notebook([(opening("main", "")["deepseek_magic"], "text")]) == ()
    assert library.find(REQUEST, "") is None


def test_memory_comes_first_then_the_record_then_the_notebook():
    """And each says where it was found."""
    library = Library()
    assert library.find(REQUEST, "") is None
    library.take_notebook([saved("of the notebook")])
    assert (found := library.find(REQUEST, "")).text == "of the notebook"
    assert found.origin == "notebook"
    library.record = Recorded(replace(KEPT, text="of the record"))
    assert (found := library.find(REQUEST, "")).text == "of the record"
    assert found.origin == "record"
    library.keep(replace(KEPT, text="of this kernel"))
    assert (found := library.find(REQUEST, "")).text == "of this kernel"
    assert found.origin == "memory"


def test_the_cell_that_asks_finds_its_own_reply():
    """Where several cells asked the same, in a notebook and in a kernel."""
    library = Library()
    library.take_notebook([saved("of a", "a"), saved("of b", "b")])
    assert [library.find(REQUEST, cell).text for cell in ("b", "a", "b")] == ["of b", "of a", "of b"]
    for text, cell in (("new of a", "a"), ("new of b", "b")):
        library.keep(replace(KEPT, text=text, cell=cell))
    assert [library.find(REQUEST, cell).text for cell in ("a", "b", "c")] == ["new of a", "new of b", "new of b"]


def test_a_reply_that_fits_is_found_beside_one_that_does_not(tmp_path):
    """Two servers of tools had the same name; the reply with the other one is newer, and of the cell that asks."""
    ours, other = (Digest(REQUEST, {SERVERS: name}) for name in ("ours", "other"))
    kept = replace(KEPT, text="of ours", parts=ours.parts)
    newer = replace(KEPT, text="of the other", answered="2026-11-29T21:00:00Z", parts=other.parts, cell="b")
    lines, database, in_kernel = Library(), Library(), Library()
    lines.record, database.record = Lines(tmp_path / "answers.jsonl"), Database(tmp_path / "answers.db")
    write(tmp_path / "answers.jsonl", (kept, newer))
    lines.record.open()
    for one in (kept, newer):
        in_kernel.keep(one)
        database.record.add(one)
    in_notebook = Library()
    in_notebook.take_notebook([saved(one.text, one.cell, **block(one)) for one in (kept, newer)])
    for library in (in_kernel, database, lines, in_notebook):
        for digest in (ours, other):
            found = library.find(REQUEST, "b", lambda one, digest=digest: digest.fits(one.parts))
            assert found.parts == digest.parts
    database.record.close()


def test_a_cell_that_is_run_again_finds_the_same():
    """Cells that the file does not name get its replies in order, each always the same one."""
    shelf = Shelf(in_order=True)
    for text in ("1", "2"):
        shelf.add(replace(KEPT, text=text))
    assert [shelf.find(REQUEST, cell).text for cell in ("a", "b", "a", "b", "c")] == ["1", "2", "1", "2", "2"]


def test_the_oldest_are_let_go():
    """Beyond so many characters in all; the newest always stays."""
    shelf = Shelf(most=5_000)
    for number in range(10):
        shelf.add(replace(KEPT, request=f"{number:064}", text="x" * 1_000))
    assert [one.request[-1] for one in shelf] == ["8", "9"]
    assert shelf.find(f"{0:064}", "") is None
    shelf.add(replace(KEPT, text="x" * 10_000))
    assert [len(one.text) for one in shelf] == [10_000]


def test_unfinished_replies_and_those_without_a_block_are_no_news():
    """They are not used, and nothing is said of them."""
    library = Library()
    unfinished = saved("x", state="cut")
    bare = {"version": 1, "state": "complete", "request": REQUEST}, "x"
    assert library.take_notebook([unfinished, bare]) == ()
    assert library.find(REQUEST, "") is None


def test_what_is_not_used_is_counted_by_its_reason():
    """One sentence for each."""
    library = Library()
    found = [(saved("x")[0], "y"), (saved("x")[0], "z"), saved("x", version=9)]
    assert library.take_notebook(found) == (
        "2 saved replies of the notebook not used: each was changed since it was kept.",
        "1 saved reply of the notebook not used: each is of a newer version.",
    )


PARTS = {"endpoint": "a", "model": "b", "question": "c", "earlier turns": "d", "context 1": "e", "setting stop": "f"}


def missing(*others, names=None):
    kept = [replace(KEPT, parts={**PARTS, **other}) for other in others]
    return why_missing(Digest("x", PARTS, names or {}), kept)


def test_the_nearest_is_the_one_with_the_same_question():
    """However much else differs."""
    said = missing({"question": "other"}, {"model": "x", "endpoint": "x", "setting stop": "x"})
    assert said == (
        "the nearest kept question (this kernel, 2026-11-29) differs in the endpoint, the model, the setting stop"
    )
    assert missing({"question": "other"}) == "no answer to this question is kept"
    assert missing() == "nothing is kept"


def test_much_that_differs_is_counted():
    """And names are on one line, whatever a file says."""
    other = {name: "x" for name in PARTS if name != "question"} | {"evil\nname": "x"}
    assert missing(other, names={"context 1": "df"}).endswith(
        "differs in the endpoint, the model, the earlier turns of the conversation, the context df and 2 more"
    )
