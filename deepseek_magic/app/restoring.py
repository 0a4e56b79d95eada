"""``%deepseek_chat restore`` and ``%config DeepSeek.restore``: conversations out of the notebook's own file.

The file may come from anybody. Of it alone a turn is text, which the guard sees; nothing in it is run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.restored import Remembered, changed_by, last_run, transcript_of
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.kernel import Kernel, notebook_path
from deepseek_magic.notebook.saved_replies import CodeCell, code_cells
from deepseek_magic.record.digest import had_images
from deepseek_magic.record.library import Library
from deepseek_magic.record.placed import Mark, is_mark, is_open, is_placed, named, read_mark, read_placed
from deepseek_magic.settings.asking import Asking
from deepseek_magic.text import counted, one_line

from .asked_in import question_in
from .conversations import checked_name
from .session import Session

#: Conversations that the line names, and characters of it.
_NAMED, _LONGEST = 6, 900
_SETS_SYSTEM = re.compile(r"%deepseek_chat\s+system\s+\S")
# The identity of a question: that of its cell, with a number if it is not the first of its cell.
_IDENTITY = re.compile(r"(.*?)(?:#(\d{1,6}))?", re.DOTALL)


@dataclass(slots=True)
class _Report:
    """What came of it: the turns of each conversation, and why others are not there.

    ``systems``: cells set system texts. ``texts`` are those that are restored; where ``some_unknown``, nothing that is
    trusted says which the other conversations had.
    """

    turns: dict[str, int] = field(default_factory=dict)
    exact: int = 0
    pictures: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    systems: bool = False
    some_unknown: bool = False
    texts: dict[str, str] = field(default_factory=dict)

    def line(self, file: str) -> str:
        """Return it in one line."""
        named = [f"{name} ({counted(count, 'turn')})" for name, count in self.turns.items()]
        more = [f"{len(named) - _NAMED} more"] if len(named) > _NAMED else []
        parts = [f"Restored from {one_line(file, 60)}: {', '.join([*named[:_NAMED], *more])}"]
        total = sum(self.turns.values())
        if self.exact == total:
            parts.append("exactly, from the record")
        else:
            exact = f"{self.exact} exactly, from the record; " if self.exact else ""
            what = "the others" if self.exact else "all"
            parts.append(
                f"{exact}{what} as text, with the questions as the cells hold them now: values, context, thinking and "
                "calls of functions were not kept"
            )
        if self.pictures:
            parts.append(f"without the pictures of {counted(self.pictures, 'turn')}")
        parts += [f"with the system text of {name} ({one_line(text, 80)})" for name, text in self.texts.items()]
        return f"{'; '.join([*parts, *self.reasons()])}."

    def reasons(self) -> Iterator[str]:
        """Yield what is not there, and why."""
        if any(self.missing.values()):
            why = ", ".join(f"{count} ({reason})" for reason, count in self.missing.items() if count)
            yield f"not restored: {why}"
        if self.systems and not self.texts:
            yield "system texts of conversations are set again by running their cells"
        elif self.systems and self.some_unknown:
            yield "the other system texts are set again by running their cells"


def restored(session: Session, asking: Asking, config: Mapping[str, Any], kernel: Kernel) -> str:
    """Restore the conversations now; return what came of it.

    Raises:
        QuestionError: there is nothing to restore, or no file to restore it from.
        SecretFound: the guard refuses, and there is a secret.
    """
    path, report = _path(kernel, session), _Report()
    session.conversations.restored = True
    _restore(session, asking, session.guard_of(config), path, report)
    if not report.turns:
        reasons = "; ".join(report.reasons())
        msg = f"{path.name} holds no turn of a conversation to restore: " + (
            f"{reasons}; ask the questions again" if reasons else "save it first"
        )
        raise QuestionError(one_line(msg, _LONGEST))
    return one_line(report.line(path.name), _LONGEST)


def restored_once(
    session: Session, asking: Asking, config: Mapping[str, Any], kernel: Kernel, say: Callable[[str], object]
) -> None:
    """Restore the conversations before the first question; ``say`` what came of it, whatever that is."""
    session.conversations.restored = True
    report = _Report()
    try:
        path = _path(kernel, session)
        _restore(session, asking, session.guard_of(config), path, report)
    except QuestionError as error:
        say(f"No conversation was restored: {error}.")
        return
    if report.turns:
        say(one_line(report.line(path.name), _LONGEST))
    elif any(report.missing.values()):
        say(one_line(f"No conversation was restored from {path.name}; {'; '.join(report.reasons())}.", _LONGEST))


def _path(kernel: Kernel, session: Session) -> Path:
    path = None if kernel.shell is None else notebook_path(kernel.shell, session.environ)
    if path is None:
        msg = "the notebook's file is not known in this front end: %deepseek_chat import reads an exported conversation"
        raise QuestionError(msg)
    return path


def _restore(session: Session, asking: Asking, guard: Guard, path: Path, report: _Report) -> None:
    """Rebuild the conversations that the notebook file ``path`` holds, and ``report`` what came of it."""
    library = session.library
    if asking.record:
        library.record = session.files.record(asking.record)
    marks: list[Mark] = []
    on_page = _by_conversation(path, library, guard, report, marks)
    found, lost = changed_by(marks, on_page)
    report.missing["of a copy, and not on the page any more"] += lost
    for name, replies in found.items():
        conversation = session.conversations.get(name)
        if conversation is not None and any(turn.sendable for turn in conversation.transcript.turns):
            report.missing[f"conversation {name} has turns already: %deepseek_chat reset forgets them"] += len(replies)
            continue
        turns, older = last_run(replies)
        asked = [one for one in turns if one.question]
        report.missing["of an earlier kernel"] += older
        report.missing["the question is in no cell"] += len(turns) - len(asked)
        if not asked:
            continue
        conversation = conversation or session.conversations.named(name)
        _fill(conversation, asked)
        record = library.record
        last = max(asked, key=lambda one: (one.placed.answered, one.placed.turn)).kept
        trusted = last is not None and (record is None or record.writes)
        report.some_unknown |= not trusted and not conversation.system
        if trusted and last is not None and last.system and not conversation.system:
            conversation.system = report.texts[name] = guard.clean(last.system, "the system text").text
        report.turns[name] = len(asked)
        report.exact += sum(one.kept is not None for one in asked)
        kept = [one.kept for one in asked if one.kept is not None]
        report.pictures += sum(had_images(one.parts) and not one.images for one in kept)


def _fill(conversation: Conversation, turns: list[Remembered]) -> None:
    conversation.reset()
    conversation.transcript = transcript_of(turns, conversation.marker)


def _by_conversation(
    path: Path, library: Library, guard: Guard, report: _Report, marks: list[Mark]
) -> dict[str, list[Remembered]]:
    """Return the replies in the file that can be turns, by the names of their conversations, in page order.

    What commands changed is added to ``marks``.
    """
    cells = list(code_cells(path))
    report.systems = any(_SETS_SYSTEM.search(cell.source) for cell in cells)
    sources = {cell.cell_id: cell.source for cell in cells}
    found: dict[str, list[Remembered]] = {}
    for cell in cells:
        asked = 0
        for metadata, text in cell.replies:
            if not is_mark(metadata):
                asked += 1
                report.missing["had not ended when the notebook was saved"] += is_open(metadata) and bool(text.strip())
                if not is_placed(metadata) or not text.strip():
                    continue
            try:
                if is_mark(metadata):
                    marks.append(_mark(metadata, text))
                    continue
                one = _remembered(metadata, text, cell, asked, sources, library, guard)
            except ValueError as error:
                report.missing[str(error)] += 1
                continue
            found.setdefault(one.placed.conversation, []).append(one)
    return found


def _remembered(
    metadata: Mapping[str, Any],
    text: str,
    cell: CodeCell,
    asked: int,
    sources: Mapping[str, str],
    library: Library,
    guard: Guard,
) -> Remembered:
    """Return the reply with its question, which the record has, or the cell that asked: reply ``asked`` of ``cell``.

    Raises:
        ValueError: the metadata is not used; the message says why.
    """
    placed = read_placed(metadata, text)
    _check_name(placed.conversation)
    kept = library.same(placed.request, placed.answered, text) if placed.request and placed.answered else None
    mentioned = named(placed.turn, text, placed.cell)
    if kept is not None and kept.question:
        return Remembered(placed, kept.question, mentioned, cell.cell_id, kept, kept.sent)
    identity = _IDENTITY.fullmatch(placed.cell)
    if identity and identity[1] in sources:
        question = question_in(sources[identity[1]], int(identity[2] or 1))
    else:
        question = question_in(cell.source, asked)

    def cleaned(words: str) -> str:
        return guard.clean(words, "the notebook's file").text if words else ""

    pages = tuple(
        replace(one, title=cleaned(one.title), url=cleaned(one.url), site=cleaned(one.site)) for one in placed.sources
    )
    answer = replace(placed, text=cleaned(text), sources=pages)
    return Remembered(answer, cleaned(question), mentioned, cell.cell_id if question else "")


def _mark(metadata: Mapping[str, Any], text: str) -> Mark:
    """Return the mark that a command left.

    Raises:
        ValueError: as for `_remembered`.
    """
    mark = read_mark(metadata, text)
    _check_name(mark.conversation)
    return mark


def _check_name(name: str) -> None:
    try:
        checked_name(name)
    except OptionError:
        raise ValueError("has a form that is not known") from None
