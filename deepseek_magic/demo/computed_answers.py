"""Answers that are computed from the request: about the conversation itself, and to "what fails here?"."""

from __future__ import annotations

import re
from collections.abc import Callable

from deepseek_magic.text import counted

from .chat_request import ChatRequest
from .message_parts import text_of
from .request_report import fenced, questions, quoted

Topics = Callable[[str], str | None]

_FIRST = re.compile(r"what (did i|was my) (ask )?first( question)?|what was the first question( i asked)?")
_SO_FAR = re.compile(r"(in one sentence, )?what (did|have) we talk(ed)? about( so far)?")
_SHORTER = re.compile(r"(and )?in (just )?(one|a) (short )?sentence|(and )?(shorter|in short|briefly)")
_NOTHING = "Nothing so far: this request holds no earlier question."
_WHAT_FAILS = re.compile(r"(so )?what (fails|failed|is wrong|went wrong)( here)?|why does (this|it) fail")
_FAILURE = re.compile(
    r"\b(errors?|exception|fail|failed|failure|fatal|critical|panic|denied|refused|timed out|traceback|not found)\b"
    r"|\w+(Error|Exception)\b",
    re.IGNORECASE,
)
_MOST_LINES = 5
_LINE_WIDTH = 300


def normalised(question: str) -> str:
    """Return a question for comparison: without case, runs of white space and the closing mark."""
    return " ".join(question.split()).rstrip("?.! ").lower()


def recalled(request: ChatRequest, topic: Topics) -> str | None:
    """Return the answer to a question about the conversation, else ``None``.

    Args:
        request: the request, with the conversation and the question.
        topic: returns what a known question is about, or ``None``.
    """
    question = normalised(request.question)
    if not _about_conversation(question):
        return None
    earlier = [text for text in questions(request)[:-1] if not _about_conversation(normalised(text))]
    if not earlier:
        return _NOTHING
    if _FIRST.fullmatch(question):
        return f"You asked first: {quoted(earlier[0], 300)}."
    named = list(dict.fromkeys(topic(text) or quoted(text, 60) for text in earlier))
    if _SO_FAR.fullmatch(question):
        joined = named[0] if len(named) == 1 else ", ".join(named[:-1]) + " and " + named[-1]
        count = "one question" if len(earlier) == 1 else f"{len(earlier)} questions"
        return f"So far we talked about {joined}: {count}, as this request holds them."
    last = next((text_of(message) for message in reversed(request.messages) if message["role"] == "assistant"), "")
    return (
        f"In one sentence: it was about {topic(earlier[-1]) or quoted(earlier[-1], 60)}, and the reply that I received "
        f"back with this request has {len(last):,} characters."
    )


def _about_conversation(question: str) -> bool:
    """Return whether a normalised question asks about the conversation instead of the world."""
    return any(pattern.fullmatch(question) for pattern in (_FIRST, _SO_FAR, _SHORTER))


def failing(request: ChatRequest) -> str | None:
    """Return the answer with the lines of the context that report a failure; ``None`` for another question."""
    if not _WHAT_FAILS.fullmatch(normalised(request.question)) or not request.last.blocks:
        return None
    answers = []
    for title, text in request.last.blocks:
        lines = text.splitlines()
        found = [f"{number}: {line[:_LINE_WIDTH]}" for number, line in enumerate(lines, 1) if _FAILURE.search(line)]
        of = f"Of the {counted(len(lines), 'line')} of {quoted(title, 80)}"
        if not found:
            answers.append(f"{of} none speaks of a failure.")
            continue
        last = f", the last {_MOST_LINES} of which are" if len(found) > _MOST_LINES else ""
        speak = "1 speaks" if len(found) == 1 else f"{len(found):,} speak"
        answers.append(f"{of} {speak} of a failure{last}:\n\n{fenced(chr(10).join(found[-_MOST_LINES:]))}")
    return "\n\n".join(answers)
