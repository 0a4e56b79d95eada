"""Export conversations to files: Markdown, a standalone web page, a notebook, and lines of JSON."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from deepseek_magic.api.events import WebSource
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.commonmark.links import encoded
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.record.kept import VERSION
from deepseek_magic.record.placed import sealed
from deepseek_magic.render.front_ends import Needs
from deepseek_magic.render.renderer import Ending
from deepseek_magic.text import one_line, reason_of, visible
from deepseek_magic.version import __version__

from .chat_records import Records, TurnRecord, records_of

# Markdown markup, which is escaped in titles of web pages.
_SIGN = re.compile(r"[\\`*_\[\]<>!&#~|$()-]")
#: The first line of a cell that holds an exported question.
ASKED = "%%deepseek --raw\n"


def export(conversation: Conversation, place: Path, *, force: bool = False) -> int:
    """Write ``conversation`` to the file ``place``, and return the number of turns.

    The file extension decides the format: ``.md``, ``.html``, ``.ipynb`` or ``.jsonl``. It holds the questions as they
    were sent, with secrets masked, but not their context.

    Raises:
        OptionError: the name has another extension.
        QuestionError: there is nothing to write, the file exists (``force`` replaces it), or cannot be written.
    """
    form, shown = _FORMS.get(place.suffix.lower()), one_line(str(place), 120)
    if form is None:
        msg = f"export {shown}: expected a file that ends in {', '.join(_FORMS)}"
        raise OptionError(msg)
    records = records_of(conversation)
    if not records.turns:
        msg = (
            f"conversation {conversation.name} has no turn to export: ask a question first, or see %deepseek_chat list"
        )
        raise QuestionError(msg)
    # UTF-8 cannot encode a lone surrogate; the escape used here is also one of JSON
    content = form(records).encode("utf-8", "backslashreplace")
    try:
        _write(place, content, force=force)
    except FileExistsError:
        msg = f"{shown} exists: give another name, or --force to replace it"
        raise QuestionError(msg) from None
    except (OSError, ValueError) as error:
        msg = f"{shown} cannot be written ({reason_of(error)}): give another name"
        raise QuestionError(msg) from None
    return len(records.turns)


def _write(place: Path, content: bytes, *, force: bool) -> None:
    """Write the file completely or not at all: an existing file may be the only copy."""
    partial = place.with_name(f".{place.name}.{os.getpid()}.tmp") if force else place
    try:
        with partial.open("wb" if force else "xb") as file:
            file.write(content)
        if force:
            partial.replace(place)
    except FileExistsError:
        raise
    except OSError:
        with suppress(OSError):
            partial.unlink()
        raise


def as_jsonl(records: Records) -> str:
    """Return ``records`` as lines of JSON: a header, then a line for each turn."""
    system = {"system": records.system} if records.system else {}
    lines: list[dict[str, Any]] = [{**records.head(), **system}]
    for record in records.turns:
        thinking = {"thinking": record.thinking} if record.thinking else {}
        lines.append({**record.about(), "question": record.question, "answer": record.answer, **thinking})
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def as_markdown(records: Records) -> str:
    """Return ``records`` as Markdown, without thinking. Comments with a word that no text holds separate the parts."""
    texts = [records.system]
    for record in records.turns:
        texts += [record.question, record.answer, *map(_listed, record.sources)]
    held = {int(found) for text in texts for found in re.findall(r"<!-- part-([0-9]+) ", text)}
    word = f"part-{next(number for number in count(1) if number not in held)}"
    parts = [f"<!-- {word} {_in_comment(records.head())} -->\n# Conversation {records.name}\n"]
    if records.system:
        parts.append(f"<!-- {word} system -->\n## System text\n\n{records.system}\n")
    for record in records.turns:
        about = _in_comment(record.about())
        parts.append(f"<!-- {word} {about} -->\n## Question {record.number}\n\n{record.question}\n")
        parts.append(f"<!-- {word} answer -->\n## {_heading(record)}\n\n{record.answer}\n")
        if record.sources:
            listed = "\n".join(map(_listed, record.sources))
            parts.append(f"<!-- {word} sources -->\n## Sources of answer {record.number}\n\n{listed}\n")
    return "\n".join(parts)


def _in_comment(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False).replace("--", r"\u002d\u002d").replace(">", r"\u003e")


def _listed(source: WebSource) -> str:
    """Return ``source`` as a list item: its title as plain text, and its URL as a link only if it is a web address."""
    title, about = (_SIGN.sub(r"\\\g<0>", one_line(text, 300)) for text in (source.title or source.url, source.date))
    is_link = source.url.startswith(("https://", "http://"))
    return (
        f"- \\[{source.number}\\] "
        + (f"[{title}](<{encoded(source.url)}>)" if is_link else title)
        + (about and f", {about}")
    )


def _heading(record: TurnRecord) -> str:
    remarks = [one_line(record.model, 60), record.state if record.state != "complete" else ""]
    remarks += [record.origin if record.origin != "model" else ""]
    said = ", ".join(part for part in remarks if part)
    return f"Answer {record.number}{f' ({said})' if said else ''}"


def as_page(records: Records) -> str:
    """Return ``records`` as a web page without scripts and external resources."""
    from deepseek_magic.render import document, safe_html  # heavy, and few conversations are exported
    from deepseek_magic.render.bundle import whole

    look = safe_html.look_of(Needs(colours=True, mathml=True))  # no script runs in it
    parts = [("System text", safe_html.text(records.system))] if records.system else []
    for record in records.turns:
        parts.append((f"Question {record.number}", safe_html.text(record.question)))
        parts.append((_heading(record), look(whole(_ending(record)))))
    return document.page(f"Conversation {records.name}", parts)


def _ending(record: TurnRecord) -> Ending:
    notices = {"cut": "Incomplete.", "interrupted": "Interrupted."}
    said = [notices[record.state]] if record.state in notices else []
    said += {"edited": ["Edited by hand."], "imported": ["From a file."]}.get(record.origin, [])
    return Ending(
        record.answer,
        record.thinking,
        "Thinking" if record.thinking else "",
        notices=tuple(said),
        sources=record.sources,
    )


def as_notebook(records: Records) -> str:
    """Return ``records`` as a notebook whose cells ask the same questions again when they are run."""
    from deepseek_magic.render.bundle import bundle  # as above

    title = f"# Conversation {visible(records.name)}"
    cells = [
        _cell("markdown", "title", title),
        _cell("code", "load", "%load_ext deepseek_magic"),
    ]
    if records.system:
        cells.append(_cell("code", "system", f"%%deepseek_chat system\n{records.system}"))
    for record in records.turns:
        data = bundle(_ending(record))
        about = {**record.about(), **({"thinking": record.thinking} if record.thinking else {})}
        output = {"output_type": "display_data", "data": data, "metadata": {"deepseek_magic": _block(records, record)}}
        cell = _cell("code", f"turn-{record.number}", f"{ASKED}{record.question}", [output])
        cells.append({**cell, "metadata": {"deepseek_magic": about}})
    metadata = {
        "deepseek_magic": {**records.head(), "written_by": __version__},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _block(records: Records, record: TurnRecord) -> dict[str, Any]:
    """Return the metadata of a turn for an output, in the form of `deepseek_magic.chat.footer.metadata`."""
    known = {"turn": record.number, "model": record.model, "state": record.state, "origin": record.origin}
    unknown = {"cell": "", "finish_reason": "", "usage": {}, "request": ""}
    fresh = {"fresh": True} if record.fresh else {}
    return sealed({"version": VERSION, "conversation": records.name, **known, **unknown, **fresh}, record.answer)


def _cell(kind: str, name: str, source: str, outputs: list[Any] | None = None) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    return {**cell, "execution_count": None, "outputs": outputs or []} if kind == "code" else cell


_FORMS = {".md": as_markdown, ".html": as_page, ".ipynb": as_notebook, ".jsonl": as_jsonl}
