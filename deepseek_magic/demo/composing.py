"""Compose the reply: a hand-written sample if there is one, else something computed from the request.

Samples are files; see `sample_files`.
"""

from __future__ import annotations

from . import tool_replies
from .chat_request import ChatRequest
from .computed_answers import failing, recalled
from .message_parts import image_count, parts_of, text_of
from .reply_bodies import Output, SampleCall
from .reply_memory import Replies
from .request_report import described, questions, thought
from .sample_files import Sample, filled, samples_for

SIGNATURE = "*A sample reply of the embedded endpoint: written by hand, no model was asked.*"
COMPUTED = "*Computed by the embedded endpoint from the messages it received: no model was asked.*"
# A beginning of this many characters identifies a reply; many replies may share a shorter one.
_TELLING = 16


def compose(request: ChatRequest) -> Output:
    """Return the complete reply to this request, ignoring its limit, its stop strings and its prefix."""
    sample = _sample(request)
    if calls := (tool_replies.scripted(request, sample.rounds) if sample else ()) or tool_replies.calls(request):
        names = " and ".join(dict.fromkeys(call.name for call in calls))
        return _with_thinking(request, f"The question asks for {names}, so I call it.", "", calls)
    if request.json_mode:
        value = sample.value(request.question) or sample.json if sample else ""
        text = tool_replies.fitting(value, request.last.schema) or tool_replies.json_reply(request)
        return _with_thinking(request, "JSON is asked for, so the reply is one object.", text)
    if request.last_role == "tool":
        results = tool_replies.results(request)
        text = filled(sample.reply, [result for _, _, result in results]) if sample and sample.rounds else ""
        text = tool_replies.citing(text, results)
        text = f"{text}\n\n{SIGNATURE}" if text else tool_replies.about_results(results)
        return _with_thinking(request, "The results have come, so I report them.", text)
    if sample is None and (text_of_itself := recalled(request, _topic)) is not None:
        why = "The question is about this conversation, so I look through the messages that I received."
        return _with_thinking(request, why, f"{text_of_itself}\n\n{COMPUTED}")
    if sample is None and (of_log := failing(request)) is not None:
        why = "The question is about what came with it, so I look for lines that speak of a failure."
        return _with_thinking(request, why, f"{of_log}\n\n{COMPUTED}")
    if sample and (value := sample.value(request.question)):
        return _with_thinking(request, sample.thinking, value)
    if sample and sample.reply and not sample.rounds and request.last_role == "user":
        return _with_thinking(request, sample.thinking, f"{sample.reply}\n\n{SIGNATURE}")
    return Output(thought(request) if request.thinking else "", described(request))


def _topic(question: str) -> str | None:
    found = samples_for(question)
    return found[0].topic if found else None


def _sample(request: ChatRequest) -> Sample | None:
    """Return the sample for the last question, if the request holds the question and the data that it needs."""
    found = samples_for(request.question)
    if not found:
        return None
    data = "\n".join(parts_of(message).data for message in request.messages if message["role"] == "user")
    seen = any(map(image_count, request.messages))
    earlier = {one.name for question in questions(request)[:-1] for one in samples_for(question)}

    def has_come(need: str) -> bool:
        return seen if need == "image" else need in data

    return next((one for one in found if {one.after} <= {"", *earlier} and all(map(has_come, one.needs))), None)


def _with_thinking(request: ChatRequest, thinking: str, text: str, calls: tuple[SampleCall, ...] = ()) -> Output:
    if request.thinking is None:
        return Output("", text, calls)
    first = thinking.partition("\n\n")[0]
    more = f"{thinking}\n\nI go through it once more: nothing changes." if request.thinking == "max" else thinking
    return Output(first if request.thinking == "low" else more, text, calls)


def continuation(request: ChatRequest, own: Replies, others: Replies) -> Output:
    """Return the rest of a reply that the request begins (DeepSeek's page guides/chat_prefix_completion).

    It is the rest of the first reply that begins with the prefix; else of the first that contains it, for a prefix
    such as the opening of a code block.

    Args:
        request: the request with the prefix.
        own: the earlier reply to this conversation, if any, as (thinking, text).
        others: the other replies that are remembered.
    """
    prefix = request.prefix or {}
    begun, thinking = text_of(prefix), prefix.get("reasoning_content") or ""
    computed = compose(request)
    known = [*own, (computed.reasoning, computed.text)]
    if not begun:
        reasoning, text = next((one for one in known if one[0].startswith(thinking)), known[0])
        rest = reasoning[len(thinking) :] if request.thinking and reasoning.startswith(thinking) else ""
        return Output(rest, text)
    for _, text in [*known, *(others if len(begun) >= _TELLING else [])]:
        if text.startswith(begun):
            return Output("", text[len(begun) :])
    for _, text in known:
        if begun.strip() and begun in text:
            return Output("", text.partition(begun)[2])
    if begun.lstrip().startswith("```"):
        return Output("", "# The embedded endpoint is not a model: this line stands for the code.\npass\n```\n")
    unknown = f"it knows no reply that begins with these {len(begun)} characters"
    return Output("", f" (The embedded endpoint is not a model: {unknown}.)")
