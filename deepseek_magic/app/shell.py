"""What a shell has beside a notebook: conversations in files, standard input, and words for its own commands."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
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
from deepseek_magic.render.renderer import Ending
from deepseek_magic.text import one_line

from .state_folder import state_folder

_VERSION = 1
#: What messages for a notebook say, and what they say in a shell; the first that fits a place counts.
_WORDS = (
    (r"run the cell again", "ask again"),
    (r"%deepseek_doctor", "deepseek-magic doctor"),
    (r"%config DeepSeek\.client_cert = 'FILE\.pem'", "name its file in the variable DEEPSEEK_CLIENT_CERT"),
    (r"Run the cell again", "Ask again"),
    (r"write it after the options, or below them in the cell", "write it after the options"),
    (r"%deepseek_continue goes on with it\.", "Ask again for the rest, or raise --max-tokens."),
    (r"%deepseek_continue asks the question again; thinking starts over\.", "Ask again."),
    (r",? ?(?:and|then) %deepseek_login|; %deepseek_login gives it one|, (?:or )?run %deepseek_login", ""),
    (r"give the key with %deepseek_login", "give the key in the variable DEEPSEEK_API_KEY"),
    (r", or try it without one by %deepseek_demo", ", or try it without one: deepseek-magic serve, then --base-url"),
    (r",? (?:or|and see) %deepseek_balance", ""),
    (r"choose a model that %deepseek_models lists, with -m", "choose a model that the endpoint offers, with -m"),
    (r", or a model that %deepseek_models lists", ", or a model that the endpoint offers"),
    (r", or %config DeepSeek\.\w+ = '[^']*'", ""),
    (r"is an option of %deepseek\w*, not of this magic", "needs a notebook; deepseek-magic ask -h lists what does not"),
    (r"%deepseek_login asks for a key by hidden prompt", "the key is taken from the variable DEEPSEEK_API_KEY"),
    (r"is a command of %deepseek_chat; give", "cannot be the name of one: give"),
    (r"give it by %config DeepSeek\.prices, or leave the limit out", "leave the limit out"),
    (r"; or name a server of the same shape by %config DeepSeek\.search_url", ""),
    (r"; %config DeepSeek\.guard = 'off' sends it", ""),
    (r": set DeepSeek\.search_url to one that has", ": name one that has, with --base-url"),
)
_REPLACED = tuple((re.compile(pattern), words) for pattern, words in _WORDS)


def in_shell(message: str) -> str:
    """Return ``message``, written for a notebook, with what a shell has in place of cells and magics."""
    for pattern, words in _REPLACED:
        message = pattern.sub(words, message)
    return message


class ShellRenderer(PlainRenderer):
    """Writes a reply, and its notices in the words of a shell."""

    def close(self, ending: Ending) -> None:
        """Write the notices and the footer."""
        super().close(replace(ending, notices=tuple(map(in_shell, ending.notices))))


def piped() -> tuple[Selector, ...]:
    """Return what asks for standard input as context, where it is a pipe or a file."""
    try:
        kind = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return ()
    return (Selector("file", STANDARD_INPUT),) if stat.S_ISFIFO(kind) or stat.S_ISREG(kind) else ()


def only_files(specs: Iterable[str]) -> None:
    """Raise `OptionError` where ``specs`` ask for more than a shell has."""
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
        msg = f"--tools {one_line(other, 60)}: a shell has no notebook, and offers only tools of servers: mcp:NAME"
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
    """Add the turns that the file ``place`` holds to ``conversation``; there are none where it does not exist.

    Raises:
        QuestionError: it cannot be read, or is not a conversation of this version.
    """
    try:
        turns = _turns(json.loads(place.read_bytes()))
    except FileNotFoundError:
        return
    except OSError as error:
        msg = f"the conversation in {place} cannot be read ({error.strerror}): choose another --chat"
        raise QuestionError(msg) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        msg = f"{place} is not a conversation that this version wrote: move it away, or choose another --chat"
        raise QuestionError(msg) from None
    for kept in turns:
        turn = conversation.transcript.open(kept["question"])
        turn.sent = kept["sent"]
        turn.fold((Served(model=kept["model"]), ReasoningDelta(kept["reasoning"]), TextDelta(kept["text"])))
        conversation.transcript.close(turn, "complete")


def save(conversation: Conversation, place: Path) -> None:
    """Write the turns of ``conversation`` that go along with the next question to the file ``place``.

    Only the user can read it; a write that is cut short leaves the file as it was. Calls of tools are not kept: a
    later question would have to offer the same.

    Raises:
        QuestionError: it cannot be written.
    """
    turns = [_kept(turn) for turn in conversation.transcript.turns if turn.sendable]
    start = max((n for n, turn in enumerate(conversation.transcript.turns) if turn.fresh), default=0)
    content = {"version": _VERSION, "turns": turns[start:]}
    partial = place.with_suffix(f".{os.getpid()}.tmp")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(content, file, ensure_ascii=False, indent=1)
        partial.replace(place)
    except OSError as error:
        msg = f"the conversation cannot be kept in {place} ({error.strerror}): choose another XDG_STATE_HOME"
        raise QuestionError(msg) from None


def _kept(turn: Turn) -> dict[str, str]:
    return {
        "question": turn.question,
        "sent": turn.sent,
        "text": turn.text,
        "reasoning": turn.reasoning,
        "model": turn.served.model,
    }


def _turns(content: Any) -> list[dict[str, str]]:
    """Return the turns in the ``content`` of a file; what is not as `save` writes it raises ValueError or the like."""
    fields = ("question", "sent", "text", "reasoning", "model")
    turns = [{name: turn[name] for name in fields} for turn in content["turns"]]
    if content["version"] != _VERSION or any(type(value) is not str for turn in turns for value in turn.values()):
        raise ValueError(content)
    return turns
