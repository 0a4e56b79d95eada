"""What is replied: a hand-written sample where there is one, else something computed from the request.

A sample is a file in ``samples/``: header lines ``question:`` (one or more), ``topic:`` (how a summary names it) and
``after:`` (the sample that must have been asked before, by its file name without the ending), then a line
``--- thinking ---`` with a short thinking text, then a line ``--- reply ---`` with the reply. A new example needs a
new file and nothing else.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources

from deepseek_magic.demo import tools
from deepseek_magic.demo.asked import Asked, text_of
from deepseek_magic.demo.recall import normalised, recalled
from deepseek_magic.demo.received import described, questions, thought
from deepseek_magic.demo.wire import Call

SIGNATURE = "*A sample reply of the embedded endpoint: written by hand, no model was asked.*"
Replies = list[tuple[str, str]]
# So many characters of a beginning tell replies apart; fewer may be common to many.
_TELLING = 16
COMPUTED = "*Computed by the embedded endpoint from the messages it received: no model was asked.*"


@dataclass(frozen=True, slots=True)
class Sample:
    """One hand-written reply: the questions it answers (normalised), and what to say."""

    name: str
    questions: tuple[str, ...]
    topic: str
    after: str
    thinking: str
    reply: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A whole reply, before any limit cuts it."""

    reasoning: str
    text: str
    calls: tuple[Call, ...] = ()


def parse(name: str, source: str) -> Sample:
    """A sample from the text of its file; raises ``ValueError`` where a part is missing."""
    head, mark, rest = source.partition("--- thinking ---\n")
    thinking, second, reply = rest.partition("--- reply ---\n")
    fields = [line.partition(":")[::2] for line in head.splitlines() if line.strip()]
    asked = tuple(normalised(value) for field, value in fields if field == "question")
    rest_of = {field: value.strip() for field, value in fields}
    if not (mark and second and asked and reply.strip() and rest_of.get("topic")):
        raise ValueError(f"the sample {name} lacks a question, a topic, a thinking text or a reply")
    return Sample(name, asked, rest_of["topic"], rest_of.get("after", ""), thinking.strip(), reply.strip())


@functools.cache
def samples() -> tuple[Sample, ...]:
    """All samples, by name."""
    files = (resources.files("deepseek_magic.demo") / "samples").iterdir()
    found = [(entry.name.removesuffix(".md"), entry) for entry in files if entry.name.endswith(".md")]
    return tuple(parse(name, entry.read_text("utf-8")) for name, entry in sorted(found, key=lambda pair: pair[0]))


def sample_for(question: str) -> Sample | None:
    """The sample that answers this question, whatever came before it."""
    asked = normalised(question)
    return next((sample for sample in samples() if asked in sample.questions), None)


def topic(question: str) -> str | None:
    """What a question of the samples is about."""
    sample = sample_for(question)
    return sample.topic if sample else None


def compose(asked: Asked) -> Composed:
    """The reply to this request, whole: as though nothing had been cut, stopped or begun."""
    if calls := tools.calls(asked):
        names = " and ".join(call.name for call in calls)
        return _with_thinking(asked, f"The question asks for {names}, so I call it.", "", calls)
    if asked.json_mode:
        return _with_thinking(asked, "JSON is wanted, so the reply is one object.", tools.json_reply(asked))
    if asked.last_role == "tool":
        return _with_thinking(asked, "The results have come, so I tell them.", tools.about_results(asked))
    if (text := recalled(asked, topic)) is not None:
        why = "The question is about this conversation, so I look through the messages that I received."
        return _with_thinking(asked, why, f"{text}\n\n{COMPUTED}")
    sample = sample_for(asked.question)
    if sample and _follows(asked, sample) and asked.last_role == "user":
        return _with_thinking(asked, sample.thinking, f"{sample.reply}\n\n{SIGNATURE}")
    return Composed(thought(asked) if asked.thinking else "", described(asked))


def _with_thinking(asked: Asked, thinking: str, text: str, calls: tuple[Call, ...] = ()) -> Composed:
    if asked.thinking is None:
        return Composed("", text, calls)
    first = thinking.partition("\n\n")[0]
    more = f"{thinking}\n\nI go through it once more: nothing changes." if asked.thinking == "max" else thinking
    return Composed(first if asked.thinking == "low" else more, text, calls)


def _follows(asked: Asked, sample: Sample) -> bool:
    """Whether the question that a follow-up leans on was really received."""
    if not sample.after:
        return True
    earlier = (sample_for(question) for question in questions(asked)[:-1])
    return any(found is not None and found.name == sample.after for found in earlier)


def continuation(asked: Asked, own: Replies, others: Replies) -> Composed:
    """The rest of a reply that the request has begun (guides/chat_prefix_completion).

    ``own`` is the reply given before to this very conversation, if any; ``others`` are the other replies remembered.
    The first whole reply that begins with the prefix is continued where the prefix ends; else the first that holds
    it somewhere, as it holds the opening of a code block.
    """
    prefix = asked.prefix or {}
    begun, thinking = text_of(prefix), prefix.get("reasoning_content") or ""
    computed = compose(asked)
    known = [*own, (computed.reasoning, computed.text)]
    if not begun:
        return _from_the_thinking(asked, known, thinking)
    distant = others if len(begun) >= _TELLING else []
    for _, text in [*known, *distant]:
        if text.startswith(begun):
            return Composed("", text[len(begun) :])
    for _, text in known:
        if begun.strip() and begun in text:
            return Composed("", text.partition(begun)[2])
    return Composed("", _unknown(begun))


def _from_the_thinking(asked: Asked, known: Replies, thinking: str) -> Composed:
    """The rest of the thinking, where that had begun, and the whole text."""
    for reasoning, text in known:
        if reasoning.startswith(thinking):
            return Composed(reasoning[len(thinking) :] if asked.thinking else "", text)
    return Composed("", known[0][1])


def _unknown(begun: str) -> str:
    """What follows a beginning of which no reply is known."""
    if begun.lstrip().startswith("```"):
        return "# The embedded endpoint is not a model: this line stands for the code.\npass\n```\n"
    return f" (The embedded endpoint is not a model: it knows no reply that begins with these {len(begun)} characters.)"
