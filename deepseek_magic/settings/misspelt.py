"""Hints for an option that is not understood: what was probably meant by its spelling, its form or its value."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from deepseek_magic.text import one_line

from .kinds import Flag, Number, Whole
from .rows import Parameter

# A word that was meant to be an option: with other dashes, as word processors write them, or joined to its value.
_DASHES = "-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_MEANT = re.compile(rf"(?P<dashes>[{_DASHES}]{{1,3}})(?P<name>[A-Za-z][A-Za-z-]*)(?P<rest>.*)", re.DOTALL)
#: How a question can begin with a word that looks like an option.
ENDS = "(-- before the question ends the options)"
# Words that people type for options with other names.
_OTHER_WORDS = {
    "--as FORM": "format form output-format",
    "--as code": "code python",
    "--as json": "json",
    "--as df": "df dataframe table",
    "-c SPEC": "ctx with",
    "-c cells": "cell cells",
    "-c error": "error traceback",
    "-c fig": "fig figure image",
    "-c file:PATH": "f file files path",
    "-c notebook": "notebook",
    "-v NAMES": "var variable variables",
    "--think LEVEL": "thinking reasoning effort reasoning-effort",
    "--think off": "no-think no-thinking nothink no-reasoning",
    "-s TEXT": "instruction instructions system-prompt prompt role",
    "-t NUMBER": "temp",
    "-o NAME": "out result save var-name",
    "-j N": "workers threads parallel concurrency",
    "--tools NAMES": "function functions",
    "--chat NAME": "conversation name session",
    "--new": "reset clear restart",
    "--no-memory": "no-history alone once",
    "--quiet": "silent q",
    "--max-tokens N": "max-length length",
    "--max-cost DOLLARS": "budget cost",
    "--base-url URL": "url endpoint server host",
    "--dry-run": "dry preview n",
    "--web": "search internet browse online www",
    "--bg": "background async detach",
    "--compare A,B": "versus vs models",
    "--replay WHICH": "cache cached kept",
    "--fresh": "no-cache refresh again",
    "--rounds N": "max-rounds steps max-steps",
    "--profile NAME": "account config",
    "--yes": "y confirm",
}
_BY_WORD = {word: form for form, words in _OTHER_WORDS.items() for word in words.split()}
# Words after a command that people type for one another.
_SAME = (
    "off stop end quit exit disable",
    "stop cancel kill abort end",
    "wait await join",
    "list ls all show",
    "reset clear wipe empty forget",
    "forget delete remove rm logout",
    "drop delete remove rm",
    "undo revert rollback back",
    "turns history log messages",
    "new create start add",
    "fork copy clone branch rename",
    "export save dump write",
    "import load open read",
    "pick choose select keep",
    "system prompt instructions",
    "restore rebuild recover",
    "show last print display",
    "prune clean purge",
    "save store keep",
    "stream streaming",
)
# What was meant by a value that an option does not take, by the option.
_FOR_OTHERS = {
    "vars": (re.compile(r"[^\W\d]\w*[.(\[].*"), "put an expression into the question in braces: {{{}}}"),
    "output": (re.compile(r"[^\W\d]\w*[.\[].*"), "only %deepseek_map puts results into a column"),
    "tools": (re.compile(r"[^\W\d]\w*\(.*"), "write only the name"),
}


def spelling_hint(spelling: str, known: Mapping[str, Parameter | None], others: Mapping[str, str]) -> str:
    """Return the message that ``spelling`` is not an option, and what was probably meant.

    Args:
        spelling: the option as typed.
        known: the available options, by their spellings.
        others: the magics that have other options, by the spellings of those.
    """
    shown = one_line(spelling, 40)
    if spelling == "--new" and spelling not in known and "--fresh" in known:
        return f"unknown option {shown}: did you mean --fresh? {ENDS}"
    if magic := others.get(spelling):
        return f"{shown} is an option of {magic}, not of this magic {ENDS}"
    word = spelling.lstrip("-").replace("_", "-").lower()
    form = _BY_WORD.get(word, "")
    joined = known.get(spelling[:2]) if len(spelling) > 2 else None
    near, elsewhere = _nearest(word, known), _nearest(word, others)
    if len(spelling) == 2 and spelling.lower() in known:
        hint = f"did you mean {spelling.lower()}?"
    elif form.partition(" ")[0] in known:
        hint = f"did you mean {form}?"
    elif near:
        hint = f"did you mean {near}?"
    elif joined is not None and spelling[1] != "-" and not isinstance(joined.kind, Flag):
        hint = f"did you mean {joined.short} {one_line(spelling[2:], 40)}?"
    elif word in ("key", "api-key", "apikey", "token"):
        hint = "%deepseek_login asks for a key by hidden prompt"
    elif elsewhere:
        hint = f"did you mean {elsewhere}, an option of {others[elsewhere]}?"
    else:
        hint = "-h lists them"
    return f"unknown option {shown}: {hint} {ENDS}"


def _nearest(word: str, spellings: Iterable[str]) -> str:
    """Return the long spelling that is nearest to ``word``; "" if none is near."""
    flags = {flag.lstrip("-"): flag for flag in spellings if flag.startswith("--")}
    near = difflib.get_close_matches(word, flags, 1, 0.75 if len(word) > 3 else 0.66) if len(word) > 1 else []
    return flags[near[0]] if near else ""


def form_hint(word: str, known: Mapping[str, Parameter]) -> str:
    """Return the sentence that says how ``word``, which is not an option, is written as one of ``known``.

    It is "" if no option was meant.
    """
    form = _right_form(word, known)
    return form and f"{one_line(word, 40)!r} is not read as an option: {form} {ENDS}"


def _right_form(word: str, known: Mapping[str, Parameter]) -> str:
    """Return how the option is written that ``word`` was meant to be; "" if it was not meant to be one."""
    found = _MEANT.match(word)
    if found is None:
        return ""
    name, rest = found["name"], found["rest"]
    plain = found["dashes"] in ("-", "--")
    if f"--{name}" in known and (not plain or found["dashes"] == "--") and not rest[:1].isalpha():
        option, value = known[f"--{name}"], rest
    elif len(found["dashes"]) == 1 and f"-{name[0]}" in known and not isinstance(known[f"-{name[0]}"].kind, Flag):
        option, value = known[f"-{name[0]}"], name[1:] + rest
        # "-s*t" and "-very" are text, or an unknown option
        if value and (not plain or not _is_joined(option, value)):
            return ""
    else:
        return ""
    spelling = option.flag if f"--{name}" == option.flag else option.short
    value = "" if option.alone else one_line(value.lstrip("=:,"), 40)
    return f"put a space after {spelling}" if value[:1] in ("'", '"') else f"write {spelling} {value}".rstrip()


def _is_joined(option: Parameter, value: str) -> bool:
    """Return whether ``value``, which follows the short ``option`` without a blank, is one of its values."""
    if isinstance(option.kind, (Number, Whole)):
        return value.lstrip(".-")[:1].isdigit()
    return value[0] in "'\"" or (option.name == "context" and ":" in value)


def meant_word(word: str, known: Iterable[str], cutoff: float = 0.6, *, by_sense: bool = True) -> str:
    """Return which of the words ``known`` was meant by ``word``: one that is spelled or means much the same; or "".

    Args:
        word: as typed.
        known: the words there are.
        cutoff: how alike the spellings must be, 1 for the same.
        by_sense: whether a word that means much the same counts.
    """
    plain = {one.partition(" ")[0].lstrip("-"): one.partition(" ")[0] for one in known}
    typed = word.lstrip("-").casefold()
    groups = [words.split() for words in _SAME if by_sense and typed in words.split()]
    same = next((one for words in groups for one in plain if one in words), "")
    near = [same] if same else difflib.get_close_matches(typed, plain, 1, cutoff)
    return plain[near[0]] if near else ""


def word_hint(line: str, known: Iterable[str]) -> str:
    """Return which of the words ``known`` the first of ``line`` was meant to be, as the end of a sentence; or ""."""
    word = line.split(maxsplit=1)[0] if line.split() else ""
    if any(one.startswith(f"{word} ") for one in known):  # the word is right, and the error follows it
        return ""
    if word in ("help", "?", "-?"):
        return "; -h shows the help"
    meant = meant_word(word, known)
    return f"; did you mean {meant}?" if meant else ""


def value_hint(option: Parameter, text: str) -> str:
    """Return what was meant by ``text``, which ``option`` does not take, as the end of a sentence; "" if not plain."""
    pattern, words = _FOR_OTHERS.get(option.name, (None, ""))
    if pattern is not None and pattern.fullmatch(text):
        return f"; {words.format(one_line(text, 60))}"
    meant = option.kind.meant(text)
    return f"; did you mean {one_line(meant, 60)}?" if meant else ""
