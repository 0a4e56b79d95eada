"""One fact, one sentence: what a reader is shown of each way in which a reply ends badly, in notices and the error."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from rich.console import Console

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.api.events import Event, Opened, ReasoningDelta, TextDelta
from deepseek_magic.api.pricelist import load
from deepseek_magic.chat.code_only import CodeOnly, code_of
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.plan import Plan
from deepseek_magic.chat.question import Question
from deepseek_magic.chat.reply import Reply
from deepseek_magic.description import describe
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.guard import Guard
from deepseek_magic.render.back_ends.plain import PlainRenderer
from deepseek_magic.render.back_ends.terminal import TerminalRenderer
from deepseek_magic.render.bundle import bundle
from deepseek_magic.settings.keys import Secret
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.structured.plan import Structured
from deepseek_magic.structured.shape import Shape
from deepseek_magic.tools.calls import ToolBox
from deepseek_magic.tools.rounds import ToolRounds
from deepseek_magic.tools.signatures import function_of
from tests.chat.scripted import Recorded, call, calling
from tests.faults import (
    DONE,
    THOUGHT,
    Close,
    Fault,
    FaultServer,
    Hang,
    api_error,
    deltas,
    error,
    event,
    named,
    redirect,
    reply,
    stream,
)

ON = "Incomplete. %deepseek_continue goes on with it."
AGAIN = "No answer yet. %deepseek_continue asks the question again; thinking starts over."


class Stops(Recorded):
    """A reader who stops the reply when it brings the first event of ``kind``."""

    def __init__(self, kind: type[Event]) -> None:
        super().__init__()
        self._kind = kind

    def show(self, batch: Sequence[Event]) -> None:
        super().show(batch)
        if any(isinstance(event, self._kind) for event in batch):
            raise KeyboardInterrupt


def _value() -> Plan:
    return Structured(Shape.of(dict[str, int]), DEEPSEEK)


def _code() -> Plan:
    def problem_of(text: str) -> str:
        try:
            compile(code_of(text), "<test>", "exec")
        except SyntaxError as wrong:
            return str(wrong.msg)
        return ""

    return CodeOnly(DEEPSEEK, problem_of)


def _tools() -> Plan:
    def look() -> None:
        """Look."""
        raise ValueError("no such page")

    guard = Guard("mask", {}, [])
    box = ToolBox([function_of("look", look)], lambda value, tokens: describe(value, tokens=tokens), guard, lambda _: 0)
    return ToolRounds(box, "m0123456789abcdef", strict=False)


@dataclass(frozen=True)
class Case:
    """What the endpoint does to a question, the notices of its reply, and what the error's line says ("": none)."""

    faults: tuple[Any, ...]
    notices: tuple[str, ...] = ()
    error: str = ""
    plan: Callable[[], Plan | None] = lambda: None
    settings: dict[str, Any] = field(default_factory=dict)
    stops: type[Event] | None = None
    text: str = "hello, as JSON"
    guard: str = "mask"


def begun(*end: Any) -> Fault:
    return stream(*deltas("So far"), *end)


CASES = {
    "a broken stream": Case((begun(Close()),), (ON,), "in the middle of the reply; the text so far is kept"),
    "a stream that ends": Case((begun(),), (ON,), "ended the stream in the middle of the reply"),
    "an error in mid stream": Case((begun(event(api_error("Oh no")), DONE),), (ON,), "broke off with an error: Oh no"),
    "an idle timeout": Case((begun(Hang()),), (ON,), "fell silent in the middle", settings={"timeout": 0.3}),
    "a stop": Case((begun(Hang()),), (ON,), "^stopped; the text so far is kept$", stops=TextDelta),
    "a stop in the thinking": Case(
        (stream(*deltas("", THOUGHT), Hang()),),
        (AGAIN,),
        "^stopped while the model was thinking; the thinking is kept$",
        stops=ReasoningDelta,
    ),
    "a stop before": Case((begun(Hang()),), (), "^stopped before any text came$", stops=Opened),
    "thinking that breaks off": Case((stream(*deltas("", THOUGHT), Close()),), (AGAIN,), "in the middle of the reply"),
    "thinking alone": Case(
        (reply("", THOUGHT),), ("The model thought but gave no answer. Run the cell again, or use --think off.",)
    ),
    "thinking that is cut": Case(
        (reply("", THOUGHT, finish="length"),),
        ("No answer: thinking used up --max-tokens 9. Raise --max-tokens, or use --think low or off.",),
        settings={"max_tokens": 9},
    ),
    "an empty reply": Case((reply(""),), ("The reply is empty. Run the cell again.",)),
    "a cut by length": Case(
        (reply("So far", finish="length"),),
        ("Incomplete: cut at the endpoint's token limit. %deepseek_continue goes on with it.",),
    ),
    "a filter": Case(
        (reply("So far", finish="content_filter"),),
        ("Incomplete: the endpoint's filter withheld the rest. Ask it differently.",),
    ),
    "no capacity": Case(
        (reply("So far", finish="insufficient_system_resource"),),
        (
            "Incomplete: the endpoint ran out of capacity in the middle of the answer. "
            "%deepseek_continue goes on with it.",
        ),
    ),
    "a reply beyond the limit": Case(
        (reply("word " * 40),),
        (
            "Incomplete: it is longer than DeepSeek.max_characters allows, and the rest was not read. "
            "%deepseek_continue goes on with it.",
        ),
        settings={"max_characters": 50},
    ),
    "a cost limit": Case(
        (stream(*deltas("word " * 40, pieces=10), Hang()),),
        (ON,),
        "^stopped at --max-cost 0.0061: about .* so far; the text so far is kept$",
        settings={"max_cost": 0.0061},
    ),
    "a value given up": Case(
        (reply('{"a": "x"}'), reply('{"a": "y"}')), (), "its text is kept, and it was asked for twice: ", plan=_value
    ),
    "a value given up that is empty": Case((reply(""), reply("")), (), "; it was asked for twice: ", plan=_value),
    "a value by the second try": Case(
        (reply('{"a": "x"}'), reply('{"a": 1}')),
        ('The first reply did not fit (a: expected a whole number, found "x"); this is the second.',),
        plan=_value,
    ),
    "a value whose second try is empty": Case(
        (reply('{"a": "x"}'), reply("")),
        ('This is the first reply (a: expected a whole number, found "x").',),
        "found an empty reply; it was asked for twice",
        plan=_value,
    ),
    "a flood of blanks": Case((reply(" \n" * 4_000), reply(" \n" * 4_000)), (), "was asked for twice", plan=_value),
    "a value whose second try fails": Case(
        (reply('{"a": "x"}'), error(402, api_error("Insufficient Balance"))),
        (
            'The second reply did not come; this is the first (a: expected a whole number, found "x").',
            ON,
        ),
        "Insufficient Balance",
        plan=_value,
    ),
    "code that does not compile": Case(
        (reply("x = ("), reply("y = [")),
        (
            "This code does not compile: '[' was never closed. It is the second version; "
            "the first did not compile either.",
        ),
        plan=_code,
    ),
    "code by the second try": Case(
        (reply("x = ("), reply("x = 1")),
        ("The first version did not compile ('(' was never closed); this is the second.",),
        plan=_code,
    ),
    "a function that fails": Case((calling(call("look", "{}", "a")), reply("It failed.")), (), plan=_tools),
    "a stop after calls": Case(
        (calling(call("look", "{}", "a")), stream(*deltas("So far"), Hang())),
        (ON,),
        "^stopped; the",
        _tools,
        {},
        TextDelta,
    ),
    "a call that nobody offered": Case(
        (calling(call("look", "{}", "a")),),
        ("The model called the function look, and nothing was run. Offer functions with --tools, or ask again.",),
    ),
    "a key that is refused": Case((error(401, api_error("Authentication Fails")),), (), "it needs a key"),
    "no money": Case((error(402, api_error("Insufficient Balance")),), (), "Insufficient Balance"),
    "too many requests": Case((error(429, api_error("Slow")),) * 5, (), "Slow"),
    "a server at fault": Case((error(500, api_error("Oops")),) * 5, (), "Oops"),
    "a redirect": Case((redirect("http://example.org/"),), (), "redirects to example.org, which is not followed"),
    "a portal": Case(named("html-instead-of-a-stream"), (), "page"),
    "a secret that is refused": Case((), (), "hold", text="It is hunter2-hunter2.", guard="refuse"),
}


def ended(server: FaultServer, case: Case) -> tuple[Recorded, Reply | None, str]:
    """What the reader was shown, the reply, and the error's line."""
    server.enqueue(*case.faults)
    settings = Settings(base_url=server.url, dialect="deepseek", **case.settings)
    prices = load(
        {"as_of": "2026-01-01", "hosts": {f"127.0.0.1:{server.port}": {"*": {"cache_miss": 0, "output": 1000}}}}
    )
    guard = Guard(case.guard, {}, [Secret("hunter2-hunter2")])
    question = Question(case.text, settings, prices=prices, guard=guard)
    shown = Recorded() if case.stops is None else Stops(case.stops)
    client = Client(server.url, None, DEEPSEEK, sleep=lambda _seconds: None)
    try:
        return shown, Conversation().ask(question, client, shown, plan=case.plan()), ""
    except (DeepSeekError, Interrupted) as error:
        return shown, error.reply, str(error)
    finally:
        client.close()


def threes(sentence: str) -> set[tuple[str, ...]]:
    """Every three words of ``sentence`` that follow each other."""
    words = re.findall(r"[\w%'-]+", sentence.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_fact_is_said_once(server, case):
    shown, answer, error_line = ended(server, case)
    assert bool(error_line) is bool(case.error)
    assert re.search(case.error, error_line)
    ending = shown.ending
    if ending is None:
        assert case.notices == ()
        return
    assert ending.notices == answer.notices == case.notices
    said = [*ending.notices, error_line]
    for place, sentence in enumerate(said):
        for other in said[place + 1 :]:
            assert not threes(sentence) & threes(other)

    page, plain, terminal = bundle(ending)["text/html"], io.StringIO(), io.StringIO()
    PlainRenderer(plain.write, plain.write).close(ending)
    TerminalRenderer(Console(file=terminal, width=300, highlight=False, markup=False)).close(ending)
    assert page.count('class="deepseek-notice"') == len(case.notices)
    for notice in case.notices:
        assert plain.getvalue().count(f"[{notice}]\n") == 1
        assert terminal.getvalue().count(f"[{notice}]\n") == 1
    for printed in (plain.getvalue(), terminal.getvalue()):
        assert len(re.findall(r"^\[", printed, re.MULTILINE)) == len(case.notices)
