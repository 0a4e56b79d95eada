"""``%deepseek_chat``: list, switch and change conversations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from deepseek_magic.app.command_words import CONVERSATIONS
from deepseek_magic.app.conversations import RESERVED, Conversations, checked_name
from deepseek_magic.app.next_cell import noted
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.footer import now_in_utc
from deepseek_magic.chat.turn import Turn
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.record.placed import Mark, Named, mark_of, named
from deepseek_magic.settings.misspelt import meant_word
from deepseek_magic.text import as_found, counted, one_line, visible

from . import cards
from .call import Call, Result

#: How many turns are listed: the last ones.
_LISTED = 200
_NUMBER = r"[1-9][0-9]{0,5}"
# Words that people put before the name of a conversation.
_TO_SWITCH = ("switch", "use", "open", "load", "select", "goto", "to", "change", "resume", "continue")
# Words that are commands elsewhere and unlikely names of conversations; others, such as log, may be names.
_NO_NAMES = (*RESERVED, "clear", "forget", "ls", "remove", "rm", "wipe")
_EDITED = re.compile(rf"({_NUMBER})(?:\s+--chat[\s=](\S+))?")


def command(call: Call) -> Result:
    """Run ``%deepseek_chat``.

    Raises:
        OptionError: the line is not understood, or cannot be the name of a conversation.
        QuestionError: there is nothing to change or to show.
    """
    line = call.line.strip()
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    if call.cell is not None:
        if word not in _WITH_CELL:
            msg = f"%%deepseek_chat: only edit N and system take a cell, found {one_line(line, 40)!r}"
            raise OptionError(msg)
        return _WITH_CELL[word](call, rest, call.cell.removesuffix("\n"))
    if word in _WITH_WORDS:
        return _WITH_WORDS[word](call, rest)
    if line in _BARE:
        return _BARE[line](call)
    return Result(show=(_change(call.session.conversations, _chosen(call.session.conversations, line)),))


def _chosen(conversations: Conversations, line: str) -> str:
    """Return the name of a conversation that ``line`` is, unless it is new and was meant for a command."""
    line = line[1:-1] if line[:1] == line[-1:] and line[:1] in ("'", '"') else line
    if line in conversations:
        return line
    word, _, rest = line.partition(" ")
    meant = meant_word(word, CONVERSATIONS, 0.75, by_sense=bool(rest) or word in _NO_NAMES)
    if word in ("help", "?", "-?"):
        msg = "%deepseek_chat -h shows its help: write that"
    elif word in _BARE:
        msg = f"%deepseek_chat {word} takes no arguments, found {as_found(rest)}: leave it out"
    elif word in _TO_SWITCH and rest.strip() in conversations:
        msg = f"%deepseek_chat {word}: did you mean %deepseek_chat {rest.strip()}?"
    elif meant:
        is_name = not rest and word not in RESERVED
        how = f"new {word} starts one of this name" if is_name else "-h says what each word does"
        msg = f"%deepseek_chat {one_line(word, 60)}: did you mean {meant}? (%deepseek_chat {how})"
    else:
        return checked_name(line)
    raise OptionError(msg)


def _list(call: Call) -> Result:
    conversations, rows = call.session.conversations, []
    for name, conversation in conversations.items():
        turns = [turn for turn in conversation.transcript.turns if turn.sendable]
        stale = sum(turn.stale for turn in turns)
        last = one_line(turns[-1].question, 60) if turns else ""
        mark = "current" if name == conversations.current else ""
        count = f"{len(turns)} ({stale} stale)" if stale else f"{len(turns)}"
        rows.append((name, count, f"{sum(turn.tokens for turn in turns):,}", last, mark))
    return Result(show=(cards.table(("conversation", "turns", "tokens", "last question", ""), rows),))


def _turns(call: Call) -> Result:
    conversation = call.session.conversations.named()
    turns = conversation.transcript.turns
    start = max((turn.number for turn in turns if turn.fresh), default=0)
    rows = [_row(turn, start) for turn in turns[-_LISTED:]]
    caption = f"Conversation {conversation.name}"
    if len(turns) > _LISTED:
        caption += f", the last {_LISTED} of {counted(len(turns), 'turn')}"
    if conversation.system:
        caption += f". System text: {one_line(conversation.system, 120)}"
    table = cards.table(("turn", "question", "answer", "tokens", ""), rows, caption)
    summary = conversation.summaries.text
    return Result(show=(table, f"The latest summary of the oldest turns:\n{visible(summary)}") if summary else (table,))


def _row(turn: Turn, start: int) -> tuple[str, ...]:
    """Return the row of ``turn``; the next question is asked with the turns from number ``start`` on."""
    remarks: list[str] = [] if turn.state == "complete" else [turn.state]
    if not turn.sendable or turn.number < start:
        remarks.append("not sent")
    if turn.fresh:
        remarks.append("starts afresh")
    if turn.origin != "model":
        remarks.append(turn.origin)
    if turn.stale:
        remarks.append("stale")
    from deepseek_magic.commonmark.excerpt import excerpt  # loading needs none of it

    shown = one_line(turn.question, 60), excerpt(turn.text, 60)
    return (str(turn.number), *shown, f"{turn.tokens:,}", ", ".join(remarks))


def _new(call: Call, rest: str) -> Result:
    conversations = call.session.conversations
    name = checked_name(rest, "%deepseek_chat new") if rest else conversations.unused_name()
    if name in conversations:
        msg = f"there is a conversation {name} already: %deepseek_chat {name} goes on in it"
        raise QuestionError(msg)
    return Result(show=(_change(conversations, name),))


def _change(conversations: Conversations, name: str) -> str:
    is_new = name not in conversations
    turns = sum(turn.sendable for turn in conversations.change_to(name).transcript.turns)
    return f"Conversation {name}: {'new' if is_new else counted(turns, 'turn')}."


def _fork(call: Call, rest: str) -> Result:
    found = re.fullmatch(rf"(\S+)(?:\s+({_NUMBER}))?", rest)
    if found is None:
        msg = f"%deepseek_chat fork: expected NAME, or NAME and the number of a turn, found {as_found(rest)}"
        raise OptionError(msg)
    conversations, last = call.session.conversations, int(found[2]) if found[2] else None
    name, before = checked_name(found[1], "%deepseek_chat fork"), conversations.named()
    made = conversations.add(before.fork(name, last))
    count = counted(sum(turn.sendable for turn in made.transcript.turns), "turn")
    said = f"Conversation {made.name}: a copy of {before.name} with {count}; questions go there now."
    return _marked(said, Mark(made.name, now_in_utc(), copy_of=before.name, turns=_named(made.transcript.turns)))


def _pick(call: Call, rest: str) -> Result:
    from .picking import command  # few questions are compared

    return command(call, rest)


def _undo(call: Call) -> Result:
    conversation = call.session.conversations.named()
    turn = conversation.undo()
    if turn is None:
        msg = f"conversation {conversation.name} has no turn to remove: %deepseek_chat list names the others"
        raise QuestionError(msg)
    said = f"Conversation {conversation.name}: removed the turn {one_line(turn.question, 60)!r}."
    return _marked(said, Mark(conversation.name, now_in_utc(), _named([turn])))


def _drop(call: Call, rest: str) -> Result:
    if not re.fullmatch(_NUMBER, rest):
        msg = f"%deepseek_chat drop: expected the number of a turn (%deepseek_chat turns), found {as_found(rest)}"
        raise OptionError(msg)
    conversation, number = call.session.conversations.named(), int(rest)
    turn, outdated = conversation.drop(number)
    said = f"Conversation {conversation.name}: dropped turn {number}, {one_line(turn.question, 60)!r}."
    if outdated:
        said += f" {counted(outdated, 'later turn')} {'was' if outdated == 1 else 'were'} answered with it."
    return _marked(said, Mark(conversation.name, now_in_utc(), _named([turn])))


def _edit(call: Call, rest: str) -> Result:
    """Put the answer of a turn into the next cell."""
    conversation, number = _edited(call, rest)
    turn = conversation.turn(number)
    cell, note = noted(f"%%deepseek_chat edit {number} --chat {conversation.name}\n{turn.text}")
    call.kernel.set_next_cell(cell)
    said = f"The answer of turn {number} of conversation {conversation.name} is in the next cell: change it and run it."
    return Result(show=(f"{said} Note: {note}." if note else said,))


def _take_edited(call: Call, rest: str, text: str) -> Result:
    """Make the content of the cell the answer of a turn, and show it."""
    conversation, number = _edited(call, rest)
    cleaned = call.session.guard_of(call.config).clean(text, "the answer")
    ending = conversation.edit(number, cleaned.text)
    return Result(show=(cards.shown(ending, call.front_end),))


def _edited(call: Call, rest: str) -> tuple[Conversation, int]:
    found = _EDITED.fullmatch(rest)
    if found is None:
        msg = f"%deepseek_chat edit: expected the number of a turn (%deepseek_chat turns), found {as_found(rest)}"
        raise OptionError(msg)
    conversations, name = call.session.conversations, found[2] or ""
    if name and name not in conversations:
        msg = f"there is no conversation {one_line(name, 60)}: %deepseek_chat lists them"
        raise QuestionError(msg)
    return conversations.named(name), int(found[1])


def _system(call: Call, rest: str, more: str = "") -> Result:
    """Show the system text of the conversation, or set it."""
    conversation = call.session.conversations.named()
    text = "\n\n".join(part for part in (rest, more.strip("\n")) if part.strip())
    if text == "none":
        conversation.system = ""
        return Result(show=(f"Conversation {conversation.name}: the configured system text, if any, applies again.",))
    if text:
        conversation.system = call.session.guard_of(call.config).clean(text, "the system text").text
        return Result(show=(f"Conversation {conversation.name}: the system text is set.",))
    if not conversation.system:
        return Result(show=(f"Conversation {conversation.name} has no system text of its own.",))
    return Result(show=(f"Conversation {conversation.name}, system text:\n{visible(conversation.system)}",))


def _export(call: Call, rest: str) -> Result:
    from .chat_files import export_to  # few conversations are exported

    return export_to(call, rest)


def _import(call: Call, rest: str) -> Result:
    from .chat_files import import_from  # as above

    return import_from(call, rest)


def _restore(call: Call) -> Result:
    """Rebuild the conversations out of the notebook's file."""
    from .chat_files import restore  # as above

    return restore(call)


def _reset(call: Call) -> Result:
    conversation = call.session.conversations.named()
    gone = _named(conversation.transcript.turns)
    conversation.reset()
    said = f"Conversation {conversation.name}: all turns forgotten."
    return _marked(said, Mark(conversation.name, now_in_utc(), gone))


def _marked(said: str, mark: Mark) -> Result:
    """Return ``said`` in an output with the ``mark``, by which the change survives a restart of the kernel."""
    return Result(show=(cards.Card({"text/plain": said}, mark_of(mark, said)),))


def _named(turns: Iterable[Turn]) -> tuple[Named, ...]:
    return tuple(named(turn.number, turn.text, turn.cell) for turn in turns if turn.sendable)


def _show(call: Call, rest: str) -> Result:
    from .showing import command  # few replies are shown again

    return command(call, rest)


_BARE: dict[str, Callable[[Call], Result]] = {
    "": _list,
    "list": _list,
    "turns": _turns,
    "undo": _undo,
    "reset": _reset,
    "restore": _restore,
}
_WITH_WORDS: dict[str, Callable[[Call, str], Result]] = {
    "new": _new,
    "fork": _fork,
    "drop": _drop,
    "pick": _pick,
    "edit": _edit,
    "system": _system,
    "show": _show,
    "export": _export,
    "import": _import,
}
_WITH_CELL: dict[str, Callable[[Call, str, str], Result]] = {"edit": _take_edited, "system": _system}
