"""Parse the words of a search in questions and answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r'"([^"]+)"|(\S+)')
#: The most words of a search.
_MOST = 20


def words_of(line: str) -> tuple[str, ...]:
    """Return the words in ``line``; text in double quotes counts as one word."""
    return tuple(one[1] or one[2] for one in _WORD.finditer(line))[:_MOST]


def holds(question: str, text: str, words: Sequence[str]) -> bool:
    """Return whether each of ``words`` is in the question or in the answer, ignoring case."""
    question, text = question.lower(), text.lower()
    return all(word.lower() in question or word.lower() in text for word in words)
