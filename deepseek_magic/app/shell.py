"""Differences between the command line and a notebook: conversations in files, standard input, wording of messages."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deepseek_magic.api.events import ReasoningDelta, Served, TextDelta
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.turn import Turn
from deepseek_magic.context.selectors import Selector
from deepseek_magic.context.sources.file import STANDARD_INPUT
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.render.back_ends.plain import PlainRenderer
from deepseek_magic.render.columns import Stacked
from deepseek_magic.render.renderer import Ending, Renderer
from deepseek_magic.settings.compare import columns_of
from deepseek_magic.settings.home import state_folder
from deepseek_magic.text import one_line

from .ask import Ask
from .chat_records import listed, sources_in
from .conversations import checked_name
from .session import Session

_VERSION = 1
#: Words in messages for a notebook, and their replacements in a shell; the first match counts.
_WORDS = (
    (r"run the cell again", "ask again"),
    (r"%deepseek_doctor", "deepseek-magic doctor"),
    (r"%config DeepSeek\.client_cert = 'FILE\.pem'", "name its file in the variable DEEPSEEK_CLIENT_CERT"),
    (r"Run the cell again", "Ask again"),
    (r"write it after the options, or below them in the cell", "write it after the options"),
    (r"%deepseek_chat pick (\w+) keeps it, and %deepseek_continue goes on with it then\.", "Ask again for the rest."),
    (r"%deepseek_continue goes on with (?:it|the first answer)\.", "Ask again for the rest, or raise --max-tokens."),
    (r"%deepseek_chat pick (\w+) keeps", r"deepseek-magic pick --chat NAME \1 keeps"),
    (r"%deepseek_continue asks the question again; thinking starts over\.", "Ask again."),
    (r",? ?(?:and|then) %deepseek_login|; %deepseek_login asks for one|, (?:or )?run %deepseek_login", ""),
    (r"give the key with %deepseek_login", "give the key in the variable DEEPSEEK_API_KEY"),
    (r", or try it without one by %deepseek_demo", ", or try it without one: deepseek-magic serve, then --base-url"),
    (r",? (?:or|and see) %deepseek_balance", ""),
    (r"choose a model that %deepseek_models lists, with -m", "choose a model that the endpoint offers, with -m"),
    (r", or a model that %deepseek_models lists", ", or a model that the endpoint offers"),
    (r", or %config DeepSeek\.\w+ = '[^']*'", ""),
    (r"is an option of %deepseek\w*, not of this magic", "needs a notebook; deepseek-magic ask -h lists what does not"),
    (r", an option of %deepseek\w*\?", ", which needs a notebook?"),
    (r"%deepseek_login asks for a key by hidden prompt", "the key is taken from the variable DEEPSEEK_API_KEY"),
    (
        r"is a command of %deepseek_chat; give the conversation another name",
        "cannot be the name of a conversation: choose another",
    ),
    (r"give it by %config DeepSeek\.prices, or leave the limit out", "leave the limit out"),
    (r"; or name a server of the same shape by %config DeepSeek\.search_url", ""),
    (r"; %config DeepSeek\.guard = 'off' sends it", ""),
    (r"(?:%config )?DeepSeek\.mcp: ", "--mcp: "),
    (r"(?:%config )?DeepSeek\.mcp\b", "the file of --mcp"),
    (r"set DeepSeek\.record to a \.db file", "give --record a .db file"),
    (r"by DeepSeek\.record", "by --record"),
    (r"or %deepseek_history without words for the newest", "or no words for the newest"),
    (r"%deepseek_(history|record)((?: \w+)?): ", r"\1\2: "),
    (r"%deepseek_(history|record)", r"deepseek-magic \1 --record FILE"),
    (r": set DeepSeek\.search_url to one that has", ": name one that has, with --base-url"),
)
_REPLACED = tuple((re.compile(pattern), words) for pattern, words in _WORDS)


def in_shell(message: str) -> str:
    """Return ``message``, written for a notebook, with shell commands in place of cells and magics."""
    for pattern, words in _REPLACED:
        message = pattern.sub(words, message)
    return message


class ShellRenderer(PlainRenderer):
    """Writes a reply, with notices worded for a shell."""

    def close(self, ending: Ending) -> None:
        """Write the notices and the footer."""
        super().close(replace(ending, notices=tuple(map(in_shell, ending.notices))))


def compared(
    session: Session,
    asked: Ask,
    make: Callable[[], Renderer],
    write: Callable[[str], object],
    aside: Callable[[str], object] | None,
) -> tuple[str, ...]:
    """Ask ``asked`` in each of its columns, and write the answers one after the other below their labels.

    Without ``--chat`` nothing is remembered: no answer stands, and there is nothing to pick from.

    Args:
        session: the memory of this process.
        asked: the question, with the option ``--compare``.
        make: makes what writes one answer.
        write: writes the labels.
        aside: writes what is not of the answers; ``None`` if that is not shown.

    Returns:
        What is to be said of the answers, which ``aside`` would have said.

    Raises:
        DeepSeekError, Interrupted: as `deepseek_magic.app.comparing.answers` says.
    """
    from . import comparing  # most questions are asked once

    for column in columns_of(asked.options["compare"], "shell"):
        only_files(column.options.get("context", ()))

    def below(text: str) -> None:
        if aside is not None:
            aside(in_shell(text))

    asked = replace(
        asked,
        options={**asked.options, "no_memory": "chat" not in asked.options},
        place="shell",
        beside=lambda labels: Stacked(labels, make, write, below),
    )
    answers = comparing.answers(session, asked, comparing.planned(session, asked))
    said = [f"{name}: {notice}" for name, reply in answers.items() if reply is not None for notice in reply.notices]
    return (*said, *(f"{name}: {error}" for name, error in answers.errors.items()))


def piped() -> tuple[Selector, ...]:
    """Return what asks for standard input as context, if it is a pipe or a file."""
    try:
        kind = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return ()
    return (Selector("file", STANDARD_INPUT),) if stat.S_ISFIFO(kind) or stat.S_ISREG(kind) else ()


def only_files(specs: Iterable[str]) -> None:
    """Raise `OptionError` if ``specs`` ask for more than a shell has."""
    for spec in specs:
        if not spec.strip().startswith(("file:", "none")):
            shown = one_line(spec.strip(), 200)
            meant = (
                f"did you mean file:{shown}?" if Path(spec).exists() else "give file:PATH, or file:- for standard input"
            )
            msg = f"-c {shown}: a shell has no notebook: {meant}"
            raise OptionError(msg)


def tools_asked(tools: Sequence[str] | None, mcp: str | None, *, yes: bool) -> dict[str, Any]:
    """Return the options that ``--tools``, ``--mcp`` and ``--yes`` of a shell come to.

    Raises:
        OptionError: something is asked for that a shell has not, or they do not go together.
    """
    wanted = [name.strip() for joined in tools or () for name in joined.split(",") if name.strip()]
    if (mcp or yes) and not wanted:
        msg = f"{'--mcp' if mcp else '--yes'} goes with --tools mcp:NAME, which offers the tools of a server"
        raise OptionError(msg)
    if other := next((name for name in wanted if not name.startswith("mcp:")), ""):
        msg = f"--tools {one_line(other, 60)}: a shell has no notebook, and offers only tools of servers: give mcp:NAME"
        raise OptionError(msg)
    if wanted and not mcp:
        msg = f"--tools {one_line(wanted[0], 60)}: name the file that configures the server by --mcp FILE"
        raise OptionError(msg)
    return {**({"tools": (",".join(wanted),)} if wanted else {}), **({"yes": True} if yes else {})}


def place_of(chat: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file of the conversation ``chat``."""
    name = re.sub(r"[^\w.-]", lambda match: f"%{ord(match[0]):x}", chat)
    name = re.sub(r"^\.", "%2e", name)  # neither hidden nor a folder
    return state_folder(environ) / "chats" / f"{name}.json"


def load(conversation: Conversation, place: Path) -> None:
    """Add the turns that the file ``place`` holds to ``conversation``; there are none if it does not exist.

    Raises:
        OptionError: it cannot have this name.
        QuestionError: it cannot be read, or is not a conversation of this version.
    """
    checked_name(conversation.name, "--chat")
    content = _read(place)
    for kept in () if content is None else content["turns"]:
        turn = conversation.transcript.open(kept["question"])
        turn.sent = kept["sent"]
        turn.fold((Served(model=kept["model"]), ReasoningDelta(kept["reasoning"]), TextDelta(kept["text"])))
        turn.named = sources_in(kept.get("sources", []), str(place))
        conversation.transcript.close(turn, "complete")


def save(conversation: Conversation, place: Path) -> None:
    """Write the turns of ``conversation`` that go along with the next question to the file ``place``.

    Only the user can read it; a write that is cut short leaves the file as it was. The other answers of a comparison
    are kept for `pick`. Calls of tools are not kept: a later question would have to offer the same; but the pages that
    were found are, whose numbers the answers cite.

    Raises:
        QuestionError: it cannot be written.
    """
    turns = [_kept(turn) for turn in conversation.transcript.turns if turn.sendable]
    start = max((n for n, turn in enumerate(conversation.transcript.turns) if turn.fresh), default=0)
    content: dict[str, Any] = {"version": _VERSION, "turns": turns[start:]}
    if (found := conversation.comparison) is not None:
        content["answers"] = {
            str(number): {"label": one.label, **_kept(one.asked.turn)} for number, one in found.answers.items()
        }
    _write(place, content)


def pick(place: Path, number: int) -> str:
    """Make the answer ``number`` of the last comparison the last turn of the conversation in the file ``place``.

    Returns:
        What it was asked with.

    Raises:
        QuestionError: it has no comparison, or no such answer, or cannot be read or written.
    """
    content = _read(place)
    answers: dict[str, dict[str, Any]] = {} if content is None else content["answers"]
    if content is None or not answers:
        msg = "there is nothing to pick from in that conversation: ask --chat NAME --compare A,B, then pick"
        raise QuestionError(msg)
    if str(number) not in answers:
        msg = f"there is no answer {number} to pick: expected one of {', '.join(answers)}"
        raise QuestionError(msg)
    chosen = {**answers[str(number)]}
    label: str = chosen.pop("label")
    _write(place, {**content, "turns": [*content["turns"][:-1], chosen]})
    return label


def _write(place: Path, content: Mapping[str, Any]) -> None:
    """Write ``content`` to the file ``place``: only the user can read it; a write that is cut short changes nothing."""
    partial = place.with_suffix(f".{os.getpid()}.tmp")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(content, file, ensure_ascii=False, indent=1)
        partial.replace(place)
    except OSError as error:
        msg = f"the conversation cannot be kept in {place} ({error.strerror}): choose another XDG_STATE_HOME"
        raise QuestionError(msg) from None


def _kept(turn: Turn) -> dict[str, Any]:
    return {
        "question": turn.question,
        "sent": turn.sent,
        "text": turn.text,
        "reasoning": turn.reasoning,
        "model": turn.served.model,
        **({"sources": named} if (named := listed(turn.sources)) else {}),
    }


def _read(place: Path) -> dict[str, Any] | None:
    """Return what `save` wrote to the file ``place``; ``None`` if it does not exist.

    Raises:
        QuestionError: it cannot be read, or is not a conversation of this version.
    """
    try:
        return _checked(json.loads(place.read_bytes()))
    except FileNotFoundError:
        return None
    except OSError as error:
        msg = f"the conversation in {place} cannot be read ({error.strerror}): choose another --chat"
        raise QuestionError(msg) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        msg = f"{place} is not a conversation that this version wrote: move it away, or choose another --chat"
        raise QuestionError(msg) from None


def _checked(content: Any) -> dict[str, Any]:
    """Return the ``content`` of a file; what is not as `save` writes it raises ValueError or the like."""
    if content["version"] != _VERSION:
        raise ValueError(content)
    answers = {str(int(number)): _turn(one, "label") for number, one in content.get("answers", {}).items()}
    return {"version": _VERSION, "turns": [_turn(one) for one in content["turns"]], "answers": answers}


def _turn(found: Any, *more: str) -> dict[str, Any]:
    """Return one turn of a file, as for `_checked`."""
    turn = {name: found[name] for name in ("question", "sent", "text", "reasoning", "model", *more)}
    if any(type(value) is not str for value in turn.values()):
        raise ValueError(found)
    named = {"sources": found["sources"]} if "sources" in found else {}
    sources_in(named.get("sources", []), "turn")
    return {**turn, **named}
