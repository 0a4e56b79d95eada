"""How long a token takes to be seen: from the write of its event to the message that shows its text."""

from __future__ import annotations

import html
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deepseek_magic.render.page import Page
from tests.benchmarks import texts
from tests.benchmarks.contenders import OURS
from tests.benchmarks.counting import SHOWN, TEXT
from tests.benchmarks.kernels import Message
from tests.benchmarks.replies import started
from tests.benchmarks.server import Script, Server

_TAG = re.compile(r"<[^>]*>|\s+")
#: What a widget of text holds that is not text of the reply.
_NOT_TEXT = ("deepseek-status", "deepseek-footer")


@dataclass(frozen=True, slots=True)
class Seen:
    """Seconds from the write of each token to the message that shows it, and the bytes of all messages of the reply."""

    kind: str
    tokens: int
    delays: tuple[float, ...]
    bytes: int

    @property
    def median(self) -> float:
        """The usual delay."""
        return statistics.median(self.delays)

    @property
    def slow(self) -> float:
        """The delay that 95 of 100 tokens stay below."""
        return statistics.quantiles(self.delays, n=20)[-1]


def seen(server: Server, scripts: Sequence[Script]) -> list[Seen]:
    """Measure each reply once, in one kernel that has shown another before."""
    taken = []
    with started(server, OURS) as kernel:
        for script in (Script("mix", 200), *scripts):
            server.prepare(script)
            run = kernel.run(OURS.ask)
            delays = _delays(script, server.tokens(), run.messages)
            taken.append(Seen(script.kind, script.tokens, tuple(delays), sum(message.size for message in run.messages)))
    return taken[1:]


def _delays(script: Script, written: Sequence[float], messages: Sequence[Message]) -> Iterator[float]:
    """Yield the delay of each token that adds something to be seen."""
    shown = list(_shown(messages))
    page, before, at = Page(), 0, 0
    for number, instant in enumerate(written):
        page.feed(script.text[number * texts.TOKEN : (number + 1) * texts.TOKEN])
        size = _size(str(page.whole()))
        if size <= before:
            continue
        before = size
        while shown[at][1] < size:
            at += 1
        yield shown[at][0] - instant


def _shown(messages: Sequence[Message]) -> Iterator[tuple[float, int]]:
    """Yield the instant of each message that shows more text, and the characters that the reader sees then."""
    sizes: dict[str, int] = {}
    for message in messages:
        content = message.content if message.kind in (*SHOWN, "comm_open", "comm_msg") else {}
        state = content.get("data", {}).get("state", {}) if "comm_id" in content else {}
        if message.kind in SHOWN and "deepseek-answer" in content["data"].get("text/html", ""):
            answer = content["data"]["text/html"].partition("deepseek-answer")[2]
            yield message.at, _size("<" + answer)
        elif state.get("_model_name", TEXT) == TEXT and "value" in state:
            value = state["value"]
            sizes[content["comm_id"]] = 0 if any(mark in value for mark in _NOT_TEXT) else _size(value)
            yield message.at, sum(sizes.values())


def _size(markup: str) -> int:
    return len(html.unescape(_TAG.sub("", markup)))
