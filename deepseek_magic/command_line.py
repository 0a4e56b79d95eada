"""The parser of the command ``deepseek-magic``: a mistake is told on one line, with what to do."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, NoReturn

from .app.options import converted, expected_of, help_of, options_at
from .settings.kinds import Flag
from .settings.rows import Parameter
from .text import one_line

#: The options of ``ask``.
OPTIONS = options_at("shell")
NAME = "deepseek-magic"
_COMMANDS = ("ask", "pick", "search", "fetch", "history", "record", "doctor", "serve", "demo")


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
            return f"{word} {number}: write {word}={number}; where {number} begins the question, -- before it"
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
        print(f"{NAME}: {one_line(message.removeprefix('argument '), 1000)}", file=sys.stderr)
        raise SystemExit(2)


def _no_command(words: Sequence[str]) -> str:
    """Return the sentence about ``words`` that begin with no command."""
    near = get_close_matches(words[0], _COMMANDS, 1, 0.6) if words else []
    if near:
        return f"there is no command {one_line(words[0], 40)}: did you mean {near[0]}?"
    if words == ["help"]:
        return f"{NAME} -h describes the commands"
    if words:
        return f'there is no command {one_line(words[0], 40)!r}; to ask: {NAME} ask "{one_line(" ".join(words), 60)}"'
    return f"a command is missing: {', '.join(_COMMANDS)}; {NAME} -h describes them"


def add_where(command: argparse.ArgumentParser) -> None:
    """Add the options that say which endpoint is meant."""
    for option in OPTIONS:
        if option.name in _WHERE:
            command.add_argument(option.flag, dest=option.name, metavar=option.metavar, help=help_of(option))


def add_tools(ask: argparse.ArgumentParser) -> None:
    """Add the options that offer tools: of servers alone, where there is no notebook."""
    ask.add_argument(
        "--tools",
        action="append",
        metavar="NAMES",
        help="mcp:NAME or mcp:NAME.tool: tools of a server of --mcp, each call shown and asked for; joined by commas",
    )
    ask.add_argument("--mcp", metavar="FILE", help="an mcp.json: the servers whose tools --tools offers")
    ask.add_argument("--yes", action="store_true", help="where nobody can be asked: allow each call of --tools")


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


def without_dash(words: list[str]) -> list[str]:
    """Return ``words`` without a last ``-``, which stands for standard input; that goes along anyway."""
    return words[:-1] if len(words) > 1 and words[-1] == "-" else words
