"""What the messages of one reply come to: how many, how large, how often, and what they show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from deepseek_magic.render.places import UNFINISHED
from tests.benchmarks.kernels import Message

SHOWN = ("display_data", "update_display_data")
TEXT = "HTMLMathModel"


@dataclass(frozen=True, slots=True)
class Count:
    """The messages of one reply, all that the kernel sends for its cell included.

    ``paints`` are those that show text which will change again (the final bundle does not); ``widgets`` those that
    hold the reply's text; ``html`` the bytes of the final HTML; ``whole`` whether the last thing shown holds the exact
    reply; ``busiest`` and ``painted`` the most messages and paints that left the kernel within any one second;
    ``still`` the longest time, in seconds, in which no new text was shown between the first and the last.
    """

    messages: int
    bytes: int
    paints: int
    widgets: int
    html: int
    whole: bool
    busiest: int
    painted: int
    still: float


def count(messages: Sequence[Message], text: str) -> Count:
    """Count the ``messages`` of a reply that says ``text``."""
    shown, updates, opened = _read(messages)
    final = shown[-1][1] if shown else {}
    paints = [left for left, _ in shown[:-1]] + [left for left, _ in updates]
    texts = sorted([left for left, _ in shown] + [left for left, is_text in updates if is_text])
    return Count(
        messages=len(messages),
        bytes=sum(message.size for message in messages),
        paints=len(paints),
        widgets=max(0, opened - 1),  # one of them is the status line
        html=len(final.get("text/html", "").encode()),
        whole=text in (final.get("text/plain"), final.get("text/markdown")),
        busiest=most_within_a_second(message.left for message in messages),
        painted=most_within_a_second(paints),
        still=max((later - earlier for earlier, later in pairwise(texts)), default=0.0),
    )


def _read(messages: Sequence[Message]) -> tuple[list[tuple[float, dict[str, Any]]], list[tuple[float, bool]], int]:
    """Return the bundles that show text, the updates of a widget of text, and how many were opened.

    Of each update the instant, and whether it shows text of the reply; else it is the status line's.
    """
    shown: list[tuple[float, dict[str, Any]]] = []
    updates: list[tuple[float, bool]] = []
    texts: set[str] = set()
    for message in messages:
        if message.kind in SHOWN:
            data = message.content["data"]
            if data.get("text/markdown") or (
                "text/html" in data and (plain := data.get("text/plain")) and not plain.startswith(UNFINISHED)
            ):
                shown.append((message.left, data))
        elif message.kind == "comm_open":
            content = message.content
            if content["data"].get("state", {}).get("_model_name") == TEXT:
                texts.add(content["comm_id"])
        elif message.kind == "comm_msg":
            content = message.content
            if content["comm_id"] in texts and "value" in content["data"].get("state", {}):
                updates.append((message.left, "deepseek-status" not in content["data"]["state"]["value"]))
    return shown, updates, len(texts)


def most_within_a_second(instants: Iterable[float]) -> int:
    """Return the most of ``instants`` that lie within any one second."""
    ordered = sorted(instants)
    most = begin = 0
    for end, instant in enumerate(ordered):
        while instant - ordered[begin] >= 1.0:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def showing(messages: Iterable[Message], mark: str) -> Iterator[Message]:
    """Yield the messages that show ``mark`` to the reader."""
    wanted = mark.encode()
    for message in messages:
        if message.kind in (*SHOWN, "comm_msg", "comm_open", "stream") and wanted in message.body:
            yield message
