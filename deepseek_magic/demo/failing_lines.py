"""Compute the answer to "what fails here?" from the lines of the context that report a failure."""

from __future__ import annotations

import re

from deepseek_magic.text import counted

from .chat_request import ChatRequest
from .recall import normalised
from .request_report import fenced, quoted

_QUESTION = re.compile(r"(so )?what (fails|failed|is wrong|went wrong)( here)?|why does (this|it) fail")
_FAILURE = re.compile(
    r"\b(errors?|exception|fail|failed|failure|fatal|critical|panic|denied|refused|timed out|traceback|not found)\b"
    r"|\w+(Error|Exception)\b",
    re.IGNORECASE,
)
_MOST = 5
_WIDTH = 300


def failing(request: ChatRequest) -> str | None:
    """Return the answer with the lines of the context that report a failure; ``None`` for another question."""
    if not _QUESTION.fullmatch(normalised(request.question)) or not request.last.blocks:
        return None
    answers = []
    for title, text in request.last.blocks:
        lines = text.splitlines()
        found = [f"{number}: {line[:_WIDTH]}" for number, line in enumerate(lines, 1) if _FAILURE.search(line)]
        of = f"Of the {counted(len(lines), 'line')} of {quoted(title, 80)}"
        if not found:
            answers.append(f"{of} none speaks of a failure.")
            continue
        last = f", the last {_MOST} of which are" if len(found) > _MOST else ""
        speak = "1 speaks" if len(found) == 1 else f"{len(found):,} speak"
        answers.append(f"{of} {speak} of a failure{last}:\n\n{fenced(chr(10).join(found[-_MOST:]))}")
    return "\n\n".join(answers)
