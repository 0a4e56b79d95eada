"""What is replied: a hand-written sample where there is one, else something computed from the request.

Samples are files; see `deepseek_magic.demo.sample_files`.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import tool_replies as tools
from .chat_request import Asked, image_parts, parts_of, text_of
from .recall import recalled
from .reply_bodies import Call
from .request_report import described, questions, thought
from .sample_files import Sample, filled, samples_for
from .schema_values import fits

SIGNATURE = "*A sample reply of the embedded endpoint: written by hand, no model was asked.*"
Replies = list[tuple[str, str]]
# So many characters of a beginning tell replies apart; fewer may be common to many.
_TELLING = 16
COMPUTED = "*Computed by the embedded endpoint from the messages it received: no model was asked.*"


@dataclass(frozen=True, slots=True)
class Composed:
    """A whole reply, before any limit cuts it."""

    reasoning: str
    text: str
    calls: tuple[Call, ...] = ()


def topic(question: str) -> str | None:
    """What a question of the samples is about."""
    found = samples_for(question)
    return found[0].topic if found else None


def compose(asked: Asked) -> Composed:
    """The reply to this request, whole: as though nothing had been cut, stopped or begun."""
    sample = _sample(asked)
    if calls := (tools.scripted(asked, sample.rounds) if sample else ()) or tools.calls(asked):
        names = " and ".join(dict.fromkeys(call.name for call in calls))
        return _with_thinking(asked, f"The question asks for {names}, so I call it.", "", calls)
    if asked.json_mode:
        text = (_sampled_json(asked, sample) if sample else "") or tools.json_reply(asked)
        return _with_thinking(asked, "JSON is wanted, so the reply is one object.", text)
    if asked.last_role == "tool":
        text = (_sampled_results(asked, sample) if sample else "") or tools.about_results(asked)
        return _with_thinking(asked, "The results have come, so I tell them.", text)
    if (text_of_itself := recalled(asked, topic)) is not None:
        why = "The question is about this conversation, so I look through the messages that I received."
        return _with_thinking(asked, why, f"{text_of_itself}\n\n{COMPUTED}")
    if sample and sample.value(asked.question):
        return _with_thinking(asked, sample.thinking, sample.value(asked.question))
    if sample and sample.reply and not sample.rounds and asked.last_role == "user":
        return _with_thinking(asked, sample.thinking, f"{sample.reply}\n\n{SIGNATURE}")
    return Composed(thought(asked) if asked.thinking else "", described(asked))


def _sample(asked: Asked) -> Sample | None:
    """The sample for the last question: what it follows and what it talks about must have come, too."""
    found = samples_for(asked.question)
    if not found:
        return None
    data = "\n".join(parts_of(message).data for message in asked.messages if message["role"] == "user")
    seen = any(True for message in asked.messages for _ in image_parts(message))

    def has_come(need: str) -> bool:
        return seen if need == "image" else need in data

    return next((one for one in found if _follows(asked, one) and all(map(has_come, one.needs))), None)


def _sampled_json(asked: Asked, sample: Sample) -> str:
    """The value of a sample where it fits what is asked for; else ""."""
    told = sample.value(asked.question) or sample.json
    try:
        value = tools.value_of(told)
        return told if isinstance(value, dict) and fits(value, asked.last.schema) else ""
    except RecursionError:
        return ""


def _sampled_results(asked: Asked, sample: Sample) -> str:
    """The reply of a sample with what the calls gave in it; "" where they gave something else than it speaks of."""
    text = filled(sample.reply, [result for _, _, result in tools.results(asked)]) if sample.rounds else ""
    return f"{text}\n\n{SIGNATURE}" if text else ""


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
    earlier = (samples_for(question) for question in questions(asked)[:-1])
    return any(one.name == sample.after for found in earlier for one in found)


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
