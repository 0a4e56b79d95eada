"""Import conversations from exported files: only text, checked and bounded; nothing in the files is run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.text import one_line, reason_of

from .chat_export import ASKED
from .chat_records import MOST_BYTES, Damaged, Records, checked_head, checked_turns

_FIRST = re.compile(r"<!-- (part-[1-9]\d{0,5}) (\{[^\n]*\}) -->\n# [^\n]*\n")
Found = tuple[Any, Any, Any, Any]


def read(place: Path) -> Records:
    """Return the conversation in the file ``place``, which `chat_export.export` wrote.

    Raises:
        OptionError: the file extension is not one of an export.
        QuestionError: it cannot be read, is too large, or is not such a file.
    """
    reader, shown = _READERS.get(place.suffix.lower()), one_line(str(place), 120)
    if reader is None:
        msg = f"import {shown}: expected a file that ends in {', '.join(_READERS)}"
        raise OptionError(msg)
    try:
        with place.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        return reader(_decoded(content))
    except (Damaged, UnicodeDecodeError, RecursionError) as error:
        why = error if isinstance(error, Damaged) else "it is not a file that %deepseek_chat export wrote"
        msg = f"{shown} is not imported: {one_line(str(why), 200)}; write it again with %deepseek_chat export"
        raise QuestionError(msg) from None
    except (OSError, ValueError) as error:
        msg = f"{shown} cannot be read ({reason_of(error)}): check the path, which is taken from {Path.cwd()}"
        raise QuestionError(msg) from None


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        msg = f"it holds more than {MOST_BYTES // 1_000_000} MB"
        raise Damaged(msg)
    return content.decode("utf-8")


def from_jsonl(text: str) -> Records:
    """Return the conversation in lines of JSON."""
    lines = [line for line in text.split("\n") if line.strip()]
    head = _json(lines[0] if lines else "", "its first line")
    name, found = checked_head(head), []
    for number, line in enumerate(lines[1:], 2):
        turn = _json(line, f"line {number}")
        if not isinstance(turn, dict):
            msg = f"line {number}: expected a turn"
            raise Damaged(msg)
        texts = [turn.pop(part, "") for part in ("question", "answer", "thinking")]
        found.append((turn, *texts))
    return _records(name, head.get("system", ""), found)


def from_markdown(text: str) -> Records:
    """Return the conversation in Markdown, split by the comments of an export."""
    if "\r\n" in text[: text.find("\n") + 1]:  # Git and editors change all line ends of a file
        text = text.replace("\r\n", "\n")
    first = _FIRST.match(text)
    if first is None:
        return _records(checked_head(None), "", [])
    name = checked_head(_json(first[2], "its first line"))
    # No text contains the word. A blank line ends each text; the end of the file ends the last one.
    part = re.compile(rf"^<!-- {first[1]} (system|answer|sources|\{{[^\n]*\}}) -->\n##[^\n]*\n\n", re.MULTILINE)
    divided = part.split(f"{text[first.end() :]}\n")
    found = zip(divided[1::2], divided[2::2], strict=True)
    read = [(kind, text.removesuffix("\n\n")) for kind, text in found if kind != "sources"]  # a comment has these, too
    kinds, texts = [kind for kind, _ in read], [text for _, text in read]
    system = texts.pop(0) if kinds[:1] == ["system"] else ""
    kinds = kinds[1:] if system else kinds
    if divided[0].strip() or kinds[1::2] != ["answer"] * (len(kinds) // 2) or len(kinds) % 2:
        msg = "its comments do not divide it into questions and answers"
        raise Damaged(msg)
    abouts = [_json(kind, "a comment") for kind in kinds[::2]]
    return _records(name, system, [(*one, "") for one in zip(abouts, texts[::2], texts[1::2], strict=True)])


def from_notebook(text: str) -> Records:
    """Return the conversation in a notebook: the questions of its cells, and their replies as plain text."""
    notebook = _json(text, "the file")
    try:
        name = checked_head(notebook["metadata"].get("deepseek_magic"))
        cells = notebook["cells"]
        system = [_joined(cell["source"]) for cell in cells if cell.get("id") == "system"]
        asked = [cell for cell in cells if "deepseek_magic" in cell["metadata"]]
        found = [_asked(cell) for cell in asked]
    except (KeyError, TypeError, IndexError, AttributeError):
        msg = "it is not a notebook that %deepseek_chat export wrote"
        raise Damaged(msg) from None
    return _records(name, system[0].partition("\n")[2] if system else "", found)


def _asked(cell: dict[str, Any]) -> Found:
    about = dict(cell["metadata"]["deepseek_magic"])
    thinking = about.pop("thinking", "")
    answers = [output["data"]["text/plain"] for output in cell["outputs"] if output["output_type"] == "display_data"]
    source = _joined(cell["source"])
    question = source[len(ASKED) :] if source.startswith(ASKED) else ""
    return about, question, _joined(answers[0]) if len(answers) == 1 else "", thinking


def _joined(lines: Any) -> str:
    """Return the text of a notebook's field, which may be a list of lines."""
    return lines if isinstance(lines, str) else "".join(lines)


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        msg = f"{where} is not JSON"
        raise Damaged(msg) from None


def _records(name: str, system: Any, found: list[Found]) -> Records:
    if not isinstance(system, str):
        msg = "expected a string for 'system'"
        raise Damaged(msg)
    return Records(name, system, checked_turns(found))


_READERS: dict[str, Callable[[str], Records]] = {
    ".jsonl": from_jsonl,
    ".ipynb": from_notebook,
    ".md": from_markdown,
}
