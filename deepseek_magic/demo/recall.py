"""Answers about the conversation itself, computed from the turns that were received."""

from __future__ import annotations

import re
from collections.abc import Callable

from .chat_request import Asked, text_of
from .request_report import questions, quoted

Topics = Callable[[str], str | None]

_FIRST = re.compile(r"what (did i|was my) (ask )?first( question)?|what was the first question( i asked)?")
_SO_FAR = re.compile(r"(in one sentence, )?what (did|have) we talk(ed)? about( so far)?")
_SHORTER = re.compile(r"(and )?in (just )?(one|a) (short )?sentence|(and )?(shorter|in short|briefly)")


def normalised(question: str) -> str:
    """A question for comparison: case, runs of white space and the closing mark do not count."""
    return " ".join(question.split()).rstrip("?.! ").lower()


def recalled(asked: Asked, topic: Topics) -> str | None:
    """The answer where the question is about the conversation; ``topic`` names what a known question is about."""
    question = normalised(asked.question)
    earlier = [text for text in questions(asked)[:-1] if not about_conversation(text)]
    if _FIRST.fullmatch(question):
        return f"You asked first: {quoted(earlier[0], 300)}." if earlier else _NOTHING
    if _SO_FAR.fullmatch(question):
        return _summary(earlier, topic)
    if _SHORTER.fullmatch(question):
        return _shorter(asked, earlier, topic)
    return None


_NOTHING = "Nothing so far: this request holds no earlier question."


def about_conversation(question: str) -> bool:
    """Whether the question asks about the conversation instead of the world."""
    asked = normalised(question)
    return any(pattern.fullmatch(asked) for pattern in (_FIRST, _SO_FAR, _SHORTER))


def _summary(earlier: list[str], topic: Topics) -> str:
    if not earlier:
        return _NOTHING
    named = list(dict.fromkeys(_named(text, topic) for text in earlier))
    joined = named[0] if len(named) == 1 else ", ".join(named[:-1]) + " and " + named[-1]
    count = "one question" if len(earlier) == 1 else f"{len(earlier)} questions"
    return f"So far we talked about {joined}: {count}, as this request holds them."


def _shorter(asked: Asked, earlier: list[str], topic: Topics) -> str:
    replies = [text_of(message) for message in asked.messages if message["role"] == "assistant"]
    if not earlier or not replies:
        return _NOTHING
    return (
        f"In one sentence: it was about {_named(earlier[-1], topic)}, and the reply that I received back "
        f"with this request has {len(replies[-1]):,} characters."
    )


def _named(question: str, topic: Topics) -> str:
    return topic(question) or quoted(question, 60)
