"""Continuing a reply: what its rest is bound to."""

from __future__ import annotations

import pytest

from deepseek_magic.api.events import TextDelta
from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.commands import continue_
from deepseek_magic.commands.call import Call
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.notebook.kernel import Kernel
from tests.chat.scripted import Recorded
from tests.faults import Close, Hang, deltas, reply, stream


class Stops(Recorded):
    """A reader who stops the reply when its text comes."""

    shows_source = True

    def show(self, batch):
        if any(isinstance(event, TextDelta) for event in batch):
            raise KeyboardInterrupt


@pytest.fixture(params=["broken", "stopped"])
def asked(session, server, shell, request):
    """Asks, is cut off after ``begun``, and continues with ``rest``; returns the user's names."""

    def asked(begun, rest, line="", **options):
        shell.user_ns.pop("v", None)
        shell.user_ns.pop("w", None)
        stopped = request.param == "stopped"
        server.enqueue(stream(*deltas(begun, pieces=[begun]), Hang() if stopped else Close()), reply(rest))
        renderer = Stops() if stopped else None
        with pytest.raises((DeepSeekError, Interrupted)):
            ask(session, Ask("code?", {"quiet": True, **options}, kernel=Kernel(shell), renderer=renderer))
        before = shell.user_ns.get("v")
        continue_.command(Call(session, {}, Kernel(shell), f"--quiet {line}"))
        return before, shell.user_ns.get("v"), shell.user_ns.get("w")

    return asked


@pytest.mark.parametrize(
    "options", [{"form": "json"}, {"schema": "dict[str, list[int]]"}, {"form": "json", "schema": "dict"}]
)
def test_the_rest_of_a_value_makes_the_variable_that_the_question_named(asked, options):
    before, value, _ = asked('{"a": [1, ', "2]}", output="v", **options)
    assert before is None  # a reply in its place would pass for the value
    assert value == {"a": [1, 2]}


def test_a_frame_is_bound_likewise(asked):
    _, frame, _ = asked('{"items": [{"a": 1}, ', '{"a": 2}]}', output="v", form="df")
    assert frame["a"].tolist() == [1, 2]


def test_the_rest_of_a_text_is_bound_to_the_same_variable(asked):
    before, whole, _ = asked("one two", " three", output="v")
    assert (before.text.strip(), whole.text) == ("one two", "one two three")


def test_another_variable_may_be_named_and_none_is_invented(asked, session, shell):
    _, value, other = asked('{"a": ', "1}", "-o w", output="v", form="json")
    assert (value, other) == (None, {"a": 1})
    assert asked('{"a": ', "1}", form="json") == (None, None, None)
