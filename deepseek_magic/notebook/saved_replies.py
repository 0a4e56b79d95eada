"""The finished replies that a notebook's file holds, as its outputs: their metadata and their exact text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .outputs import joined
from .saved_file import mapping, notebook_content


def saved_replies(path: Path | None) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield what the outputs of the notebook file at ``path`` record of each reply, and its text, in page order.

    Nothing in it is trusted: whoever reads a block checks its form.

    Raises:
        QuestionError: there is no such file, it is too large, or it is not a notebook.
    """
    for cell in notebook_content(path)[1]:
        outputs = mapping(cell).get("outputs")
        for output in outputs if isinstance(outputs, list) else ():
            found = mapping(mapping(output).get("metadata")).get("deepseek_magic")
            if isinstance(found, dict):
                yield found, joined(mapping(mapping(output).get("data")).get("text/plain"))
