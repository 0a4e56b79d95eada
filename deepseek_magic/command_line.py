"""The parser of the command ``deepseek-magic``: a mistake is told on one line, with what to do."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, NoReturn

from .app.options import OPTIONS as OF_QUESTIONS
from .app.options import converted, expected_of, help_of, options_at, spellings
from .errors import EmptyQuestion
from .settings.kinds import Flag
from .settings.misspelt import ENDS, spelling_hint
from .settings.rows import Parameter
from .text import one_line

#: The options of ``ask``.
OPTIONS = options_at("shell")
NAME = "deepseek-magic"
_COMMANDS = ("ask", "pick", "search", "fetch", "history", "record", "doctor", "serve", "demo")


# What help says of options that mean something else in a notebook.
_HELP = {
    "context": "file:PATH, what goes along (PATH:10-40 for lines of it, file:- for standard input); several joined by "
    "commas",
    "chat": "go on in the conversation of this name; it is kept for the next time",
    "new": "with --chat: start the conversation afresh; earlier turns are not sent any more",
}
# What is typed as a command, and what a shell has for it.
_INSTEAD = {
    "version": f"{NAME} --version shows it",
    "login": "the key is taken from the variable DEEPSEEK_API_KEY",
    "chat": f'{NAME} ask --chat NAME "..." goes on in a conversation',
    "continue": f'{NAME} ask --chat NAME "..." goes on in a conversation',
}
_WHERE = ("base_url", "profile")
# What makes `search` count; "-nasa" is a word that is not to be found.
_COUNT = re.compile(r"-n(?:\d+|=.*)?")
_COLOUR = r"(?:\x1b\[[\d;]*m)*"


def _in_order(words: Sequence[str]) -> list[str]:
    """Return the ``words`` of a command line as the parser reads them.

    An option that takes its value only after ``=`` has the one that it has without. Words of a search that begin with
    one dash stand behind the options.
    """
    return _search_in_order(words) if words[:1] == ["search"] else _with_values(words)


def _search_in_order(words: Sequence[str]) -> list[str]:
    flags = [row.flag for row in OPTIONS if row.name in _WHERE]
    options: list[str] = []
    terms: list[str] = []
    left = iter(words[1:])
    for word in left:
        if word == "--":
            terms += left
        elif word.startswith("--") or word == "-h" or _COUNT.fullmatch(word):
            options.append(word)
            if word == "-n" or any(flag.startswith(word) for flag in flags):
                options += [value for value in (next(left, None),) if value is not None]
        else:
            terms.append(word)
    return ["search", *options, *(["--", *terms] if terms else [])]


def _mistaken_value(words: Sequence[str]) -> str:
    """Return the sentence about a number that follows an option which takes it only after ``=``; "" for none."""
    bare = {row.flag: row.metavar for row in OPTIONS if row.bare is not None}
    end = [*words, "--"].index("--")
    for word, number in pairwise(words[:end]):
        if word in bare and number.isdecimal():
            return f"{word} {number}: write {word}={number}; put -- before a question that begins with {number}"
    return ""


def stray(word: str) -> str:
    """Return the sentence about a ``word`` that a command does not take there."""
    return f"one word too many: {one_line(word, 60)!r}; quote what belongs together, and write options first"


def _with_values(words: Sequence[str]) -> list[str]:
    bare = {row.flag: f"{row.flag}={row.bare}" for row in OPTIONS if row.bare is not None}
    end = [*words, "--"].index("--")
    return [bare.get(word, word) if place < end else word for place, word in enumerate(words)]


class Parser(argparse.ArgumentParser):
    """Reports a mistake on one line, with what to do, in place of the whole usage."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read the command first: the parser's own words for a wrong one say nothing of questions."""
        words = sys.argv[1:] if args is None else list(args)
        first = words[:1]
        if self.prog == NAME and (not first or (not first[0].startswith("-") and first[0] not in _COMMANDS)):
            self.error(_no_command(words))
        if self.prog != NAME:
            return super().parse_known_args(words, namespace)
        if first == ["ask"] and (said := _mistaken_value(words)):
            self.error(said)
        parsed, unknown = super().parse_known_args(_in_order(words), namespace)
        if hasattr(parsed, "words") and not any(word.startswith("-") for word in unknown):
            parsed.words, unknown = [*parsed.words, *unknown], []  # they stand behind an option
        return parsed, unknown

    def add_argument(self, *names: Any, **how: Any) -> argparse.Action:
        """Add an argument, and keep how it is spelled: an option that is not known may be near."""
        action = super().add_argument(*names, **how)
        vars(self).setdefault("arguments", []).append(action)
        return action

    def format_help(self) -> str:
        """Return the help; an option that takes its value only after ``=`` is written so."""
        shown = super().format_help()
        for row in OPTIONS:
            if row.bare is not None:
                form = rf"({row.flag}{_COLOUR}) ({_COLOUR}){row.metavar}({_COLOUR})(?:  )?"
                shown = re.sub(form, r"\1[=\2" + row.metavar + r"\3]", shown)
        return shown

    def error(self, message: str) -> NoReturn:
        """End the process with ``message`` and the status 2."""
        if found := re.match(r"argument (--[\w-]+)\S*: expected one argument", message):
            needed = next((row for row in OPTIONS if row.flag == found[1]), None)
            message = f"{found[1]} needs a value{f': expected {expected_of(needed)}' if needed else ''}"
        elif message.endswith("required: question"):
            message = "there is no question: write it after the options; - reads it from standard input"
        elif found := re.match(r"the following arguments are required: (.+)", message):
            command = self.prog.removeprefix(f"{NAME} ")
            needed_here = " and ".join(self._written(name) for name in found[1].split(", "))
            message = f"{command} needs {needed_here}; {self.prog} -h describes it"
        print(f"{NAME}: {one_line(message.removeprefix('argument '), 1000)}", file=sys.stderr)
        raise SystemExit(2)

    def _written(self, name: str) -> str:
        """Return how the argument ``name`` is written."""
        for action in vars(self)["arguments"]:
            if name in action.option_strings and action.metavar:
                return f"{name} {action.metavar}"
        return name if name.startswith("-") else name.upper()


def number_of(expected: str, convert: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return what reads an argument by ``convert``, and says what is ``expected`` if that raises `ValueError`."""

    def read(text: str) -> Any:
        try:
            return convert(text)
        except ValueError:
            msg = f"expected {expected}, found {one_line(text, 40)!r}"
            raise argparse.ArgumentTypeError(msg) from None

    return read


def help_here(option: Parameter) -> str:
    """Return what help says of ``option`` in a shell."""
    return _HELP.get(option.name) or help_of(option)


def not_known(word: str, parsed: argparse.Namespace) -> str:
    """Return the sentence about an option ``word`` that the command does not take."""
    from .app.shell import in_shell

    if not word.startswith("-"):
        return stray(word)
    spelled = word.partition("=")[0]
    if hasattr(parsed, "question"):
        return in_shell(spelling_hint(spelled, spellings(OPTIONS), dict.fromkeys(spellings(OF_QUESTIONS), "%deepseek")))
    known = {name: None for one in vars(parsed.parser)["arguments"] for name in one.option_strings}
    return in_shell(spelling_hint(spelled, known, {})).removesuffix(f" {ENDS}")


def _no_command(words: Sequence[str]) -> str:
    """Return the sentence about ``words`` that begin with no command."""
    near = get_close_matches(words[0], _COMMANDS, 1, 0.65) if words else []
    if near:
        return f"there is no command {one_line(words[0], 40)}: did you mean {near[0]}?"
    if words == ["help"]:
        return f"{NAME} -h describes the commands"
    if len(words) == 1 and (instead := _INSTEAD.get(words[0], "")):
        return f"there is no command {words[0]}: {instead}"
    if len(words) == 1 and _is_magic(words[0]):
        return f"there is no command {words[0]} in a shell: in a notebook it is %deepseek_{words[0]}"
    if words:
        return f'there is no command {one_line(words[0], 40)!r}; to ask: {NAME} ask "{one_line(" ".join(words), 60)}"'
    return f"a command is missing: {', '.join(_COMMANDS)}; {NAME} -h describes them"


def _is_magic(word: str) -> bool:
    from .commands.table import MAGICS  # nothing else here needs them

    return any(magic.name == f"deepseek_{word}" for magic in MAGICS)


def add_where(command: argparse.ArgumentParser) -> None:
    """Add the options that say which endpoint is meant."""
    for option in OPTIONS:
        if option.name in _WHERE:
            command.add_argument(option.flag, dest=option.name, metavar=option.metavar, help=help_of(option))


def add_tools(ask: argparse.ArgumentParser) -> None:
    """Add the options that offer tools: only those of servers, as there is no notebook."""
    ask.add_argument(
        "--tools",
        action="append",
        metavar="NAMES",
        help="mcp:NAME or mcp:NAME.tool: tools of a server of --mcp, each call shown and asked for; joined by commas",
    )
    ask.add_argument("--mcp", metavar="FILE", help="an mcp.json: the servers whose tools --tools offers")
    ask.add_argument("--yes", action="store_true", help="in an unattended run: allow each call of --tools")


def given_options(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the options of ``ask`` that were given, by field name.

    Raises:
        OptionError: a value is not what the option takes.
    """
    return {
        option.name: _converted(option, given)
        for option in OPTIONS
        if (given := getattr(parsed, option.name)) is not None
    }


def _converted(option: Parameter, given: Any) -> Any:
    if isinstance(option.kind, Flag):
        return given
    return [converted(option, text) for text in given] if isinstance(given, list) else converted(option, given)


def question_of(words: list[str]) -> str:
    """Return the question that ``words`` make; ``-`` alone reads it from standard input.

    As the last of several it stands for standard input, too, which goes along anyway.

    Raises:
        EmptyQuestion: there is none.
    """
    reads = words == ["-"]
    spoken = words[:-1] if len(words) > 1 and words[-1] == "-" else words
    question = sys.stdin.read() if reads else " ".join(spoken)
    if not question.strip():
        msg = f"there is no question: expected words, and {'standard input' if reads else 'the text'} is empty"
        raise EmptyQuestion(msg)
    return question
