"""List the parts of a request for its receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.context.receipt import Entry, Receipt
from deepseek_magic.text import estimate_tokens

from .prompt_size import body_of, message_tokens

#: The kinds of messages after the question; a kept reply keeps their entries.
AFTER = ("calls", "result", "reply", "follow-up")


@dataclass(frozen=True, slots=True)
class Around:
    """The parts around the question in the messages of its request.

    Attributes:
        system: the entries of the system text, the user's own first; empty if there is none.
        before: the entries of the conversation, each with its number of messages.
        turns: how many of its turns are sent unchanged.
        added: titles and texts that we added after the question.
    """

    system: tuple[Entry, ...] = ()
    before: tuple[tuple[Entry, int], ...] = ()
    turns: int = 0
    added: tuple[tuple[str, str], ...] = ()


def receipt_of(
    request: Request | FimRequest, composed: Receipt, content: str, around: Around, noted: Sequence[Entry]
) -> Receipt:
    """Return the receipt of ``request``.

    Args:
        request: the last request that was sent for a question.
        composed: the receipt of the question's message.
        content: the text of that message, as composed.
        around: the parts around it.
        noted: the plan's entries for its tools and for the results of calls, which replace those of the messages; for a
            kept reply, the entries of everything after the question.
    """
    if isinstance(request, FimRequest):
        return replace(composed, entries=tuple(_gap(request, composed)))
    return replace(composed, entries=tuple(_entries(request, composed, content, around, noted)), turns=around.turns)


def _gap(request: FimRequest, composed: Receipt) -> Iterator[Entry]:
    masked = tuple(kind for entry in composed.entries for kind in entry.masked)
    yield Entry("gap", "code before the gap", estimate_tokens(request.prompt), masked=masked)
    if request.suffix:
        yield Entry("gap", "code after the gap", estimate_tokens(request.suffix))


def _entries(
    request: Request, composed: Receipt, content: str, around: Around, noted: Sequence[Entry]
) -> Iterator[Entry]:
    messages: list[Mapping[str, Any]] = body_of(request)["messages"]
    place = 0
    if around.system:
        own, *beside = around.system
        place, left = 1, message_tokens(messages[0]) - sum(entry.tokens for entry in beside)
        yield from beside
        if left > 0 or own.masked:
            yield replace(own, tokens=max(0, left))
    yield from (entry for entry in noted if entry.kind == "tool")
    for entry, count in around.before:
        yield replace(entry, tokens=sum(map(message_tokens, messages[place : place + count])))
        place += count
    yield from _question(composed, around)
    if beyond := request.messages[place].text.removeprefix(content):
        yield Entry("format", "instructions for code", estimate_tokens(beyond))
    yield from _after(messages[place + 1 :], [entry for entry in noted if entry.kind in AFTER])


def _question(composed: Receipt, around: Around) -> Iterator[Entry]:
    """Yield the entries of the question's message, with separate ones for the parts that we added."""
    added = [Entry("format", title, estimate_tokens(text)) for title, text in around.added]
    for entry in composed.entries:
        own = max(0, entry.tokens - sum(one.tokens for one in added))
        yield replace(entry, tokens=own) if entry.kind == "question" else entry
    yield from added


def _after(messages: Sequence[Mapping[str, Any]], noted: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the entries of the messages after the question: calls and results, an earlier reply, its beginning."""
    calls = sum(message_tokens(message) for message in messages if "tool_calls" in message)
    if calls:
        yield Entry("calls", "the model's calls", calls)
    yield from noted
    for place, message in enumerate(messages):
        tokens = message_tokens(message)
        if message["role"] == "user":
            pictures = isinstance(message["content"], list)
            title = "pictures that the calls showed" if pictures else "how to go on from it"
            yield Entry("follow-up", title, tokens)
        elif message["role"] == "assistant" and "tool_calls" not in message:
            last = place == len(messages) - 1
            yield (
                Entry("begun", "beginning of the reply", tokens) if last else Entry("reply", "the reply before", tokens)
            )
