"""The receipt of 30 requests and more, of every kind: its rows add up to its head, which is near what is counted.

Each goes the whole road, from the options to a server on loopback; the tokens are counted by DeepSeek's tokenizer in
the body that came in there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from deepseek_magic.app.ask import Ask, ask, rehearse
from deepseek_magic.app.session import Session
from deepseek_magic.commands import continue_, fim
from deepseek_magic.commands.call import Call
from deepseek_magic.context.receipt import Receipt
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.notebook import snapshot
from deepseek_magic.notebook.kernel import Kernel
from tests.chat.scripted import call, calling
from tests.faults import Close, Fault, FaultServer, deltas, reply
from tests.test_token_estimate import CHINESE, CODE, ENGLISH, GERMAN, counted, numbers, records

#: What an image costs by DeepSeek's vision guide, at most.
IMAGE = 384
SHORT = "Which of these stations should get more docks, and how sure can one be of that?"
THOUGHT = "First I look at the forecast of each station, then at how many docks it has. " * 4
TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"


def forecast(station: str, days: int = 7) -> list[float]:
    """Forecast the rides that start at a station of the network.

    Args:
        station: the name of the station, as it stands in the table of stations.
        days: how many days to look ahead.
    """
    return [120.5 + day for day in range(days)]


def look(table: str, columns: list[str], where: str | None = None) -> str:
    """Return the first rows of a table, as CSV.

    Args:
        table: its name.
        columns: those that are wanted.
        where: a condition in the words of SQL.
    """
    return numbers()


@dataclass
class Station:
    name: str
    docks: int
    open: bool = True


CALLS = (
    call("forecast", '{"station": "Harbour", "days": 3}', "a"),
    call("look", '{"table": "t", "columns": []}', "b", 1),
)


class Road:
    """A session and a shell, and a server that answers in a few words where nothing else is said."""

    def __init__(self, session: Session, server: FaultServer, shell: Any, folder: Path) -> None:
        self.session, self.server, self.kernel, self.folder = session, server, Kernel(shell), folder
        self.config: dict[str, Any] = {"dialect": "deepseek"}

    def ask(self, text: str, **options: Any) -> None:
        ask(self.session, Ask(text, {"quiet": True, **options}, self.config, kernel=self.kernel))

    def file(self, text: str) -> tuple[str, ...]:
        (self.folder / "notes.txt").write_text(text, encoding="utf-8")
        return (f"file:{self.folder / 'notes.txt'}",)

    def run(self, source: str) -> None:
        self.kernel.shell.run_cell(source, store_history=True)


KINDS: dict[str, Callable[[Road], Any]] = {}


def kind(function: Callable[[Road], Any]) -> Callable[[Road], Any]:
    KINDS[function.__name__] = function
    return function


def plain(name: str, text: str, *before: str, **options: Any) -> None:
    def asked(road: Road) -> None:
        for one in before:
            road.ask(one, **options)
        road.ask(text, **options)

    KINDS[name] = asked


plain("a_question", SHORT)
plain("a_long_question", ENGLISH)
plain("a_chinese_question", CHINESE)
plain("code_as_a_question", f"Explain this:\n\n{CODE}")
plain("system_text", SHORT, system=GERMAN)
plain("an_earlier_turn", SHORT, ENGLISH)
plain("earlier_turns_and_system_text", SHORT, ENGLISH, CODE, CHINESE, system="Be brief, and name your sources.")
plain("variables", SHORT, vars=("rides", "stations"))
plain("all_variables", SHORT, context=("vars",))
plain("context_again", SHORT, ENGLISH, vars=("rides",))
plain("an_expression", "What stands out in {rides}?")
plain("a_picture", "What is on {picture}?")
plain("two_pictures_and_a_table", "Is {picture} of {rides}, or {other}?")
plain("a_picture_in_an_earlier_turn", SHORT, "What is on {picture}?")
plain("tools", SHORT, tools=("forecast,look",))
plain("a_tool_and_system_text", SHORT, tools=("look",), system=GERMAN)
plain("tools_of_the_notebook", SHORT, tools=("notebook",))
plain("json", f"{SHORT} Reply as JSON.", form="json")
plain("a_schema", SHORT, schema="list[Station]")
plain("a_frame", SHORT, form="df")
plain("code", SHORT, form="code")
plain("code_with_context", SHORT, form="code", vars=("rides",))
plain("secrets", f"Is {TOKEN} a key? {ENGLISH}", system=f"Never say {TOKEN}.", stop=(TOKEN,))


@kind
def a_file(road: Road) -> None:
    road.ask(SHORT, context=road.file(records()))


@kind
def a_file_that_is_cut(road: Road) -> None:
    road.config["context_tokens"] = 900
    road.ask(SHORT, context=road.file(records() * 4))


@kind
def no_room_for_context(road: Road) -> None:
    road.config["context_tokens"] = 70
    road.ask(SHORT, context=road.file(records()), vars=("rides", "stations"))


@kind
def cells(road: Road) -> None:
    for source in (CODE.partition("stations =")[0], "n = 41\nn", "rides.describe()"):
        road.run(source)
    road.ask(SHORT, context=("cells",))


@kind
def an_error(road: Road) -> None:
    road.run("def share(part, whole):\n    return part / whole\nshare(1, 0)")
    road.ask(SHORT, context=("error",))


@kind
def a_round_of_calls(road: Road) -> None:
    road.server.enqueue(calling(*CALLS, text="I look first."))
    road.ask(SHORT, tools=("forecast,look",))


@kind
def rounds_with_their_thinking(road: Road) -> None:
    road.server.enqueue(calling(*CALLS, reasoning=THOUGHT), calling(CALLS[0], reasoning=THOUGHT))
    road.ask(SHORT, tools=("forecast,look",), thinking="high")


@kind
def thinking_of_an_earlier_turn(road: Road) -> None:
    road.server.enqueue(calling(*CALLS, reasoning=THOUGHT), reply("120.", reasoning=THOUGHT))
    road.ask(SHORT, tools=("forecast,look",), thinking="high")
    road.ask("And next week?", tools=("forecast,look",), thinking="high")


@kind
def thinking_that_does_not_go_back(road: Road) -> None:
    road.server.enqueue(reply(ENGLISH, reasoning=THOUGHT * 20))
    road.ask(SHORT)
    road.ask("And next week?")


@kind
def json_asked_for_again(road: Road) -> None:
    road.server.enqueue(reply('[{"name": "Harbour", "docks": "many"}]'), reply('[{"name": "Harbour", "docks": 3}]'))
    road.ask(SHORT, schema="list[Station]")


@kind
def code_asked_for_again(road: Road) -> None:
    road.server.enqueue(reply("x = = 1\n"), reply("x = 1\n"))
    road.ask(SHORT, form="code")


@kind
def code_asked_for_in_words(road: Road) -> None:
    road.config |= {"dialect": "ollama", "model": "m"}
    road.server.enqueue(reply("```python\nx = 1\n```\n"))
    road.ask(SHORT, form="code")


@kind
def a_gap(road: Road) -> None:
    code = CODE.replace("    if days <= 0:", "    <fill>")
    fim.command(Call(road.session, road.config, road.kernel, "--quiet", code))


def _continued(road: Road, line: str = "", **options: Any) -> None:
    road.server.enqueue(Fault((*deltas(ENGLISH, THOUGHT), Close())))
    with pytest.raises(DeepSeekError):
        road.ask(SHORT, **options)
    continue_.command(Call(road.session, road.config, road.kernel, f"--quiet {line}"))


@kind
def a_reply_gone_on_with(road: Road) -> None:
    _continued(road, system=GERMAN)


@kind
def a_reply_gone_on_with_while_thinking(road: Road) -> None:
    _continued(road, "--think high", thinking="high")


@kind
def a_reply_gone_on_with_in_words(road: Road) -> None:
    road.config |= {"dialect": "ollama", "model": "m"}
    _continued(road)


@pytest.fixture
def road(session: Session, server: FaultServer, shell: Any, tmp_path: Path) -> Iterator[Road]:
    made = np.random.default_rng(5)
    days = pd.date_range("2024-01-01", periods=300)
    shell.user_ns |= {
        "rides": pd.DataFrame({"day": days, "station": "Harbour", "rides": made.integers(0, 400, 300)}),
        "stations": [Station(name, 24) for name in ("Harbour", "Old Town", "University")],
        "picture": Image.effect_noise((60, 40), 90),
        "other": Image.effect_noise((640, 480), 90),
        **{made.__name__: made for made in (forecast, look, Station)},
    }
    snapshot.start(shell)
    server.repeat(lambda request: reply(_fitting(request.json)))
    yield Road(session, server, shell, tmp_path)
    snapshot.stop(shell)


def _fitting(body: dict[str, Any]) -> str:
    if "response_format" not in body:
        return "return days\n" if "prompt" in body else "x = 1\n"
    return '{"items": [{"name": "Harbour", "docks": 24}]}'


#: The kinds that send nothing else: their receipt is its head.
QUESTION_ALONE = ("a_question", "a_long_question", "a_chinese_question", "code_as_a_question")


def tokens_of(body: dict[str, Any]) -> int:
    """The tokens of all that ``body`` sends, by DeepSeek's tokenizer."""
    texts, images = [body.get("prompt", ""), body.get("suffix", "")], 0
    for message in body.get("messages", ()):
        content = message["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        images += sum(part["type"] == "image_url" for part in parts)
        texts += [part["text"] for part in parts if part["type"] == "text"]
        texts.append(message.get("reasoning_content", ""))
        texts += [f"{one['function']['name']}{one['function']['arguments']}" for one in message.get("tool_calls", ())]
    texts += [json.dumps(tool["function"], ensure_ascii=False) for tool in body.get("tools", ())]
    return sum(map(counted, texts)) + IMAGE * images


def head_of(receipt: Receipt) -> int:
    (said,) = re.findall(r" · about ([\d,]+) tokens?", receipt.line())
    return int(said.replace(",", ""))


def sum_of(receipt: Receipt) -> int:
    return sum(int(tokens.replace(",", "")) for _, tokens, _ in receipt.rows() if tokens)


def test_there_are_enough() -> None:
    assert len(KINDS) >= 38


@pytest.mark.parametrize("name", KINDS)
def test_the_rows_add_up_to_the_head_and_the_head_to_what_was_sent(name: str, road: Road) -> None:
    KINDS[name](road)
    conversation = road.session.conversations.latest
    assert conversation.last_sent is not None
    receipt = conversation.last_sent.receipt
    body = road.server.requests[-1].json
    head = head_of(receipt)
    assert 0.75 < head / tokens_of(body) < 1.25
    assert bool(receipt.rows()) == (name not in QUESTION_ALONE)
    if name not in QUESTION_ALONE:
        assert abs(sum_of(receipt) - head) <= 0.02 * head
    ending = conversation.last_ending
    assert ending is not None
    assert (ending.receipt, ending.receipt_rows) == (receipt.line(), receipt.rows())
    assert json.loads(json.dumps(conversation.last_sent.body())) == body


NAMED = {
    "earlier_turns_and_system_text": ["system text", "3 earlier turns", "question"],
    "context_again": ["1 earlier turn",
                      "rides (DataFrame, 300 rows × 3 columns)", "lines around the context", "question"],
    "tools": ["definition of forecast", "definition of look", "question"],
    "a_schema": ["question", "schema with instructions"],
    "json": ["question", "JSON instructions"],
    "code": ["question", "beginning of the reply"],
    "code_asked_for_in_words": ["question", "instructions for code"],
    "code_asked_for_again": ["question", "the reply before", "how to go on from it", "beginning of the reply"],
    "a_round_of_calls": ["definition of forecast", "definition of look", "question", "the model's calls",
                         "result of forecast", "result of look"],
    "a_gap": ["code before the gap", "code after the gap"],
    "a_reply_gone_on_with": ["system text", "question", "beginning of the reply"],
    "a_reply_gone_on_with_in_words": ["question", "the reply before", "how to go on from it"],
    "secrets": ["system text", "question", "stops"],
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_every_part_has_its_name(name: str, road: Road) -> None:
    KINDS[name](road)
    sent = road.session.conversations.latest.last_sent
    assert sent is not None
    assert [what for what, _, _ in sent.receipt.rows()] == NAMED[name]


def test_a_dry_run_says_the_same_of_the_first_request(road: Road) -> None:
    options = {"tools": ("look",), "system": GERMAN, "vars": ("rides",)}
    asked = Ask("Is {picture} right?", {"quiet": True, **options}, road.config, kernel=road.kernel)
    before = rehearse(road.session, asked).receipt
    ask(road.session, asked)
    after = road.session.conversations.latest.last_sent
    assert after is not None
    assert after.receipt == before
    assert head_of(before) == sum_of(before)
