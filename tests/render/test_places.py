"""Where a reply is shown: from its first publication on, the output says in words and in metadata how far it is."""

from __future__ import annotations

import pytest

from deepseek_magic.api.events import TextDelta
from deepseek_magic.chat.footer import opening
from deepseek_magic.render.choose import Apart, FrontEnd, Screen
from deepseek_magic.render.front_ends import FRONT_ENDS, known_as
from deepseek_magic.render.places import UNFINISHED, InCell
from deepseek_magic.render.renderer import Ending

OPENING = opening("main", "cell-1")
FINAL = {"deepseek_magic": {"state": "complete"}}
PAGE = FrontEnd(in_kernel=True)
APART = Apart("job 1", lambda: None, "stop it")


def recorded(published):
    return [one["metadata"] for one in published]


def test_an_output_records_its_opening_with_every_update_until_it_ends(published):
    """An update without metadata would take away what stands there."""
    place = InCell(opening=OPENING)
    place.show({"text/plain": "a"})
    place.show({"text/plain": "ab"})
    place.end({"text/plain": "abc"}, FINAL)
    assert recorded(published) == [OPENING, OPENING, FINAL]
    assert [one["update"] for one in published] == [False, True, True]
    assert published[0]["transient"] == published[2]["transient"] == {"display_id": place.display_id}


@pytest.mark.parametrize("name", ["widget", "display"])
def test_the_first_publication_of_a_reply_is_complete(published, name):
    """In words for a reader, whatever the front end shows of it, and for whoever reads the file."""
    screen = Screen()
    renderer = screen.renderer(name, lambda: PAGE, opening=OPENING)
    renderer.open()
    (first,) = published
    assert (first["metadata"], first["data"]["text/plain"]) == (OPENING, UNFINISHED)
    assert "waiting" in first["data"]["text/html"] if name == "display" else UNFINISHED in first["data"]["text/html"]
    renderer.show([TextDelta("So")])
    assert recorded(published) == [OPENING] * len(published)
    renderer.close(Ending("So", metadata=FINAL))
    assert recorded(published)[-1] == FINAL
    screen.close()


def test_one_that_comes_later_takes_its_place_with_both(published):
    renderer = Screen().renderer("headless", lambda: PAGE, apart=APART, opening=OPENING)
    renderer.open()
    assert (published[0]["metadata"], published[0]["data"]["text/plain"]) == (OPENING, UNFINISHED)


@pytest.mark.parametrize("name", ["widget", "display"])
def test_so_do_replies_side_by_side(published, name):
    screen = Screen()
    made = screen.beside(name, PAGE, ("a", "b"), OPENING)
    for one in made.columns:
        one.open()
    assert published[0]["data"]["text/plain"].strip()
    assert recorded(published) == [OPENING] * len(published)
    for one in made.columns:
        one.close(Ending("x"))
    screen.close()


@pytest.mark.parametrize("name", [one.name for one in FRONT_ENDS if one.back_end != "terminal"])
def test_the_output_of_another_cell_is_gone_on_with_only_where_updates_of_it_arrive(published, name):
    """Elsewhere the whole is shown anew, and nothing is shown after its cell has ended."""
    known = known_as(name)
    page = FrontEnd(in_kernel=True, known=known, needs=known.needs(), is_named=True)
    screen = Screen()
    renderer = screen.renderer("auto", lambda: page, "shown-before")
    renderer.open()
    renderer.close(Ending("x"))
    arrive = known.updates in ("all", "text")
    assert (published[-1]["transient"].get("display_id") == "shown-before") == arrive
    assert screen.can_show_apart("auto", page) == arrive
    screen.close()
