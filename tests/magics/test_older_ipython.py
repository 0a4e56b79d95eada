"""The everyday cells under IPython 7.34, which Colab pins, behave as under the newest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chat.scripted import call, calling
from tests.environments import prepared
from tests.faults import FaultServer, reply
from tests.kernel import Kernel


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    python = Path(prepared("OLDER_PYTHON", "a Python with ipykernel 6 and IPython 7.34"))
    with Kernel(tmp_path_factory.mktemp("home"), python) as kernel:
        kernel.run("import IPython")
        assert kernel.value("IPython.version_info[:2]") == [7, 34]
        yield kernel


@pytest.fixture
def loaded(older: Kernel, server: FaultServer) -> Kernel:
    older.fresh(server.url)
    return older


def asked(server: FaultServer) -> str:
    return str(server.requests[-1].json["messages"][-1]["content"])


@pytest.mark.parametrize(
    ("cell", "question"),
    [
        ("%deepseek hello", "hello"),
        ("%deepseek what is it?", "what is it?"),
        ("x = %deepseek why?", "why?"),
        ("%%deepseek\nwhat is\n>>> this?", "what is\n>>> this?"),
        ("%%deepseek what is it?", "what is it?"),
        ("for n in (1,):\n    y = %deepseek and this?", "and this?"),
        ("n = 3\nz = %deepseek what is {n}", "what is 3"),
    ],
)
def test_questions_are_sent_as_they_are_typed(cell: str, question: str, loaded: Kernel, server: FaultServer) -> None:
    server.enqueue(reply("An *answer*."))
    ran = loaded.run(cell)
    assert (asked(server), ran.failed, ran.text) == (question, False, "An *answer*.")


def test_help_is_shown_and_nothing_is_asked(loaded: Kernel, server: FaultServer) -> None:
    loaded.run("%deepseek?")
    assert server.requests == []


def test_an_error_is_explained_by_its_line_and_repaired_in_the_next_cell(loaded: Kernel, server: FaultServer) -> None:
    loaded.run("a = 1\nb = 0\na / b")
    server.enqueue(reply("Zero.\n\n```python\na / 1\n```\n"))
    ran = loaded.run("%deepseek_fix")
    assert "line 3:\n     1 a = 1\n     2 b = 0\n->   3 a / b" in asked(server)
    assert not ran.failed
    assert [one["text"] for one in ran.reply["payload"] if one["source"] == "set_next_input"] == ["a / 1"]


def test_an_error_in_a_function_of_another_cell(loaded: Kernel, server: FaultServer) -> None:
    loaded.run("def half(x):\n    return x / 0")
    loaded.run("%%time\nhalf(4)")
    server.enqueue(reply("Zero."))
    loaded.run("%deepseek -c error why")
    assert "half" in asked(server)
    assert "->   2     return x / 0" in asked(server)


def test_what_goes_along(loaded: Kernel, server: FaultServer) -> None:
    loaded.run("value = 41 + 1\nprint('printed', value)")
    server.enqueue(reply("42."))
    loaded.run("%deepseek -c cells:1 -v value look")
    assert "printed 42" in asked(server)
    assert "value = 41 + 1" in asked(server)


def test_values_and_what_is_bound(loaded: Kernel, server: FaultServer) -> None:
    server.enqueue(reply('{"a": [1, 2]}'))
    loaded.run("%deepseek --as json -o got give")
    assert loaded.value("got") == {"a": [1, 2]}


def test_all_that_is_needed_works_in_its_lowest_version(loaded: Kernel, server: FaultServer) -> None:
    """What each package is for; `.ci/run` installs the lowest versions there."""
    loaded.run("import dataclasses\n@dataclasses.dataclass\nclass Row:\n    n: int\ndef add(a: int): return a + 1")
    server.enqueue(reply('{"items": [{"n": 1}]}'))
    loaded.run("%deepseek --schema list[Row] -o rows Rows?")
    assert loaded.value("repr(rows)") == "[Row(n=1)]"
    server.enqueue(reply('{"n": "one"}'), reply('{"n": 2}'))
    loaded.run("""schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}""")
    loaded.run("%deepseek --schema schema -o two Two?")
    assert loaded.value("two") == {"n": 2}
    server.enqueue(calling(call("add", '{"a": 1}', "c")), reply("$x^2$ and\n\n```python\nx = 1\n```\n"))
    shown = loaded.run("%deepseek --tools add What is 1 + 1?").html
    assert '<span class="m">1' in shown  # by Pygments
    server.repeat(reply("one"))
    loaded.run("%deepseek_map [1, 2] -o answers Name {value}")
    assert loaded.value("list(answers)") == ["one", "one"]
    page = loaded.home / "talk.html"
    assert not loaded.run(f"%deepseek_chat export {page}").failed
    assert "<msup" in page.read_text(encoding="utf-8")


def test_the_reply_is_the_result_and_shown_once(loaded: Kernel, server: FaultServer) -> None:
    server.enqueue(reply("An answer."))
    assert len(loaded.run("%deepseek hello").displays) == 1
    assert loaded.value("_.text") == "An answer."


def test_a_run_again_replaces_its_turn(loaded: Kernel, server: FaultServer) -> None:
    for _ in range(2):
        server.enqueue(reply("An answer."))
        loaded.run("%deepseek hello", cell_id="one")
    assert len(server.requests[-1].json["messages"]) == len(server.requests[0].json["messages"])


@pytest.mark.parametrize(
    ("cell", "offers"),
    [
        ("%deepseek --th|", ["--think"]),
        ("%%deepseek --think=h|", ["high"]),
        ("%deepseek_chat und|", ["undo"]),
        ("%%deepseek --new\nwhat is\nin {val|", ["value"]),
    ],
)
def test_calls_are_completed(cell: str, offers: list[str], loaded: Kernel) -> None:
    loaded.run("value = 1")
    before, _, after = cell.partition("|")
    content = loaded.client.complete(before + after, len(before), reply=True, timeout=120)["content"]
    assert content["matches"] == offers
    loaded.quietly("get_ipython().extension_manager.unload_extension('deepseek_magic')")
    content = loaded.client.complete("%deepseek --th", 14, reply=True, timeout=120)["content"]
    assert "--think" not in content["matches"]


@pytest.mark.parametrize("above", ["", "# why\n", "# why\n\n# so\n"])
def test_a_console_is_told_that_a_question_ends_with_a_blank_line(loaded: Kernel, above: str) -> None:
    for body in ("What's this (?", "def f(x): return x)\nis that right?"):
        assert [loaded.is_complete(f"{above}%%deepseek hi\n{body}{end}") for end in ("", "\n\n")] == [
            "incomplete",
            "complete",
        ]
