"""Lets questions through as they are typed: IPython rewrites lines before a magic sees them, ours it must not.

IPython takes a line that ends in ``?`` for a help look-up, refuses a ``%%`` line without a body, and strips prompts
from a cell's body. The transformer here runs first and turns our own magics into the calls that IPython itself makes
of them, text untouched. It reads tokens (strings, brackets, comments), so that a line inside a string, or in another
magic's cell, is left as it is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Sequence

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>'''|\"\"\"|'|")
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<joined>\\\r?\n)
  | (?P<operator>[=!<>:+\-*/%&|^@~]=|=)
  | (?P<end>\n)
    """,
    re.VERBOSE,
)
# A line, with those that a backslash at its end joins to it; at the end of the cell a backslash joins nothing.
_REST = r"(?:[^\n\\]+|\\\r?\n(?=[^\n])|\\(?!\r?\n[^\n]))*"
_OPTIONS = re.compile(r"%+\w+[ \t]+-")
_JOINED_LINE = re.compile(r"\\\r?\n")
# Names of magics that people expect, and what does it.
_MEANT = {
    **dict.fromkeys(("config", "settings", "set", "options"), "%config DeepSeek"),
    **dict.fromkeys(("help", "h"), "%deepseek -h"),
    **dict.fromkeys(("key", "auth", "token"), "%deepseek_login"),
    **dict.fromkeys(("cost", "costs", "tokens", "stats"), "%deepseek_usage"),
    **dict.fromkeys(("conversation", "conversations", "new", "reset", "clear"), "%deepseek_chat"),
    "logout": "%deepseek_login --forget",
    "ask": "%deepseek",
    "status": "%deepseek",
}
# What may stand above a cell magic of ours; IPython takes a `%%` below a comment for an error.
_LEAD = r"(?P<lead>(?:\s|\#[^\n]*\n)*)"
_CELL_MAGIC = re.compile(_LEAD + "%%")


class MagicCalls:
    """Input transformers for the cleanup phase of IPython's `TransformerManager`: `cells`, then `lines`.

    Args:
        line_names: names of our line magics.
        cell_names: names of our cell magics.
        end: what ends a call that is a statement of its own; ``;`` keeps IPython's terminal from showing an empty
            result below a reply.
        others: returns the line magic of a name that is not ours, ``None`` if there is none.
        bare: returns whether a magic of this name may be called without its per cent sign, as IPython's automagic has
            it. IPython does so itself, but not where the line ends in ``?``.
    """

    def __init__(
        self,
        line_names: Sequence[str],
        cell_names: Sequence[str],
        end: str = "",
        others: Callable[[str], object] = lambda name: None,  # noqa: ARG005  # none
        bare: Callable[[str], bool] = lambda name: False,  # noqa: ARG005  # none
    ) -> None:
        self._end = end + "\n"
        self._others, self._bare = others, bare
        names = "|".join(sorted(line_names, key=len, reverse=True))
        self._line = re.compile(rf"%(?P<name>{names})(?![\w?])[ \t]?(?P<rest>{_REST})")
        cells = "|".join(sorted(cell_names, key=len, reverse=True))
        self._cell = re.compile(rf"{_LEAD}%%(?P<name>{cells})(?![\w?])[ \t]?(?P<rest>{_REST})")
        self._asked = re.compile(rf"(?P<name>{names})[ \t]+(?P<rest>[^\W\d_](?:[^\n]*\S)?\?)\s*")
        self._line_names = frozenset(line_names)

    def cells(self, lines: list[str]) -> list[str]:
        """Return ``lines`` with a cell that begins with a cell magic of ours as its call."""
        source = "".join(lines)
        found = self._cell.match(source) if "%%" in source else None
        if found is None:
            return lines
        rest, end = _rest(found)
        body = source[end + 1 :]
        if not body.strip() and found["name"] in self._line_names:
            return [_call("run_line_magic", found["name"], rest) + self._end]
        return [_call("run_cell_magic", found["name"], rest, body) + self._end]

    # A terminal that asks whether a cell is complete is not asked to run this: below "%%" it waits for a blank line.
    cells.has_side_effects = True  # type: ignore[attr-defined]

    def lines(self, lines: list[str]) -> list[str]:
        """Return ``lines`` with our magics as calls; what begins with any cell magic stays as it is."""
        source = "".join(lines)
        if len(lines) == 1 and (found := self._asked.fullmatch(source)) and self._bare(found["name"]):
            return [_call("run_line_magic", found["name"], found["rest"]) + self._end]
        if "%" not in source or not any(f"%{name}" in source for name in self._line_names):
            return lines
        if cell := _CELL_MAGIC.match(source):
            # A terminal that asks whether the cell is complete: it knows a cell magic by its first line.
            ours = self._cell.match(source)
            return source[cell.end("lead") :].splitlines(keepends=True) if cell["lead"] and ours else lines
        # Lines end only at a line feed: IPython's own list also splits at form feeds and Unicode separators.
        return self._line_calls(source).splitlines(keepends=True)

    def _line_calls(self, source: str) -> str:
        pieces: list[str] = []
        copied = 0
        for start in _statements(source):
            found = self._line.match(source, start)
            if found is None and start >= copied and (refusal := self._refusal(source, start)):
                line = source.rfind("\n", copied, start) + 1 or copied  # an assigned value is refused with its names
                blank = source[line : _skip_blank(source, line)]
                return "".join([*pieces, source[copied:line], blank, refusal, "\n"])
            if found is not None and start >= copied:
                assigned = _is_assigned(source, start)
                rest, end = _rest(found)
                call = _call("run_line_magic", found["name"], rest)
                blank = "\n" * rest.count("\n")  # what follows keeps the numbers of its lines
                pieces += [source[copied:start], call, "\n" if assigned else self._end, blank]
                copied = end + (1 if source[end : end + 1] == "\n" else 0)
        pieces.append(source[copied:])
        return "".join(pieces)

    def _refusal(self, source: str, start: int) -> str:
        """Return what raises the error of a call of ours at ``start`` that cannot be made; "" for anything else."""
        if not source.startswith(("%%", "%deepseek_"), start):
            return ""
        assigned = _is_assigned(source, start)
        if assigned and source[start + 1] != "%":
            return ""
        if assigned and (found := self._cell.match(source, start)):
            name = found["name"]
            msg = f"%%{name} is for a whole cell: write NAME = %{name} ..., or %%{name} -o NAME as its first line"
        elif found := self._cell.match(source, start):
            msg = (
                f"%%{found['name']} must be the first line of its cell: move it, with what is below it, into a cell of "
                "its own"
            )
        elif (near := _near(source, start, self._line_names)) and self._others(near[0]) is None:
            msg = f"there is no %{near[0]}: did you mean {near[1]}?"
        else:
            return ""
        return f"raise __import__('deepseek_magic.errors').errors.OptionError({msg!r})"


def _is_assigned(source: str, start: int) -> bool:
    """Return whether what begins at ``start`` is assigned, in that line."""
    return source[source.rfind("\n", 0, start) + 1 : start].rstrip(" \t\f").endswith("=")


def _near(source: str, start: int, names: Collection[str]) -> tuple[str, str] | None:
    """Return the name at ``start``, like one of ours, and the call that was meant."""
    found = re.compile(r"%(deepseek_(\w+))(?![\w?])").match(source, start)
    if found is None:
        return None
    if meant := _MEANT.get(found[2]):
        return found[1], meant
    near = difflib.get_close_matches(found[1], names, 1, 0.8)
    return (found[1], f"%{near[0]}") if near else None


def _rest(found: re.Match[str]) -> tuple[str, int]:
    """Return what stands after the name of a magic, and where it ends.

    Options go on over lines that a backslash joins. A text may end in a backslash.
    """
    rest = found["rest"]
    if not rest.lstrip().startswith("-"):
        rest = rest.partition("\n")[0]
    return _JOINED_LINE.sub("\n", rest).rstrip("\r"), found.start("rest") + len(rest)


def _call(method: str, *arguments: str) -> str:
    return f"get_ipython().{method}({', '.join(map(repr, arguments))})"


def _statements(source: str) -> Iterator[int]:
    """Yield each place in ``source`` where a magic may stand: where a statement or an assigned value begins.

    Follows Python's lexical analysis (strings, brackets, comments, joined lines), in linear time. A line of IPython's
    own syntax (``%``, ``!``, ``?``) is passed over, for it need not be Python.
    """
    place, depth = 0, 0
    at_start = True
    while place <= len(source):
        if at_start:
            place = _skip_blank(source, place)
            yield place
            if source[place : place + 1] in ("%", "!", "?", ","):
                place = _after_line(source, place)
                continue
            at_start = False
        found = _TOKEN.search(source, place)
        if found is None:
            return
        place = found.end()
        match found.lastgroup:
            case "string":
                place = _after_string(source, found.start(), found["string"])
            case "open":
                depth += 1
            case "close":
                depth = max(0, depth - 1)
            case "operator" if found[0] == "=" and depth == 0:
                value = _skip_blank(source, place)
                if source[value : value + 1] in ("%", "!"):
                    yield value
                    place, at_start = _after_line(source, value), True
            case "end" if depth == 0:
                at_start = True
            case _:
                pass


def _skip_blank(source: str, place: int) -> int:
    while source[place : place + 1] in (" ", "\t", "\f"):
        place += 1
    return place


def _after_line(source: str, place: int) -> int:
    """Return where the next line begins; lines that a backslash joins to the options of a magic are one."""
    end = source.find("\n", place)
    joins = _OPTIONS.match(source, place) is not None
    while joins and end > place and source[place:end].rstrip("\r").endswith("\\"):
        place, end = end + 1, source.find("\n", end + 1)
    return len(source) + 1 if end < 0 else end + 1


def _after_string(source: str, start: int, quote: str) -> int:
    """Return where the string that opens with ``quote`` at ``start`` ends; an unclosed short one ends with its line."""
    place = start + len(quote)
    stop = re.compile(r"\\.|" + re.escape(quote) + ("" if len(quote) == 3 else r"|\n"), re.DOTALL)
    while found := stop.search(source, place):
        if found[0] == "\n":
            return found.start()
        place = found.end()
        if found[0] == quote:
            return place
    return len(source)
