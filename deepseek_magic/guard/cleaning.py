"""The guard: find and mask the secrets in text that is about to be sent or saved."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn, get_args

from deepseek_magic.errors import ConfigurationError, SecretFound
from deepseek_magic.forks import in_child
from deepseek_magic.settings.keys import Sealed, Secret

from .assignments import by_name
from .forms import Found, by_form
from .joined_literals import by_joined, one_literal
from .known_values import KnownSecrets, of_environment, of_names
from .later_values import by_later
from .listed_values import by_listing
from .masks import FILL, mask, masks, replaced
from .pgpass import by_pgpass
from .positional_keys import by_position
from .printed_tables import by_table
from .private_keys import by_block
from .secret_names import classify_label, classify_name, find_names
from .secret_values import distinctive, is_secret, is_secret_cell, random
from .secrets_files import by_assignment
from .url_passwords import by_url

Mode = Literal["mask", "refuse", "off"]
_MODES = get_args(Mode)
#: How many secrets found by their names are remembered, so that they are masked without the name as well.
_REMEMBERED = 200
# The same for guessed secrets: by a weak name or a place and by their looks. They never displace the others.
_GUESSED = 60
# The same for the values of variables. Each costs a search of every text.
_LEARNED = 40
# How many texts without a secret are remembered, by their digests.
_PASSED = 4_096
# The longest value, in characters, that is judged by its name and remembered.
_LONGEST_VALUE = 2_000
# How many times a text is searched: a mask can uncover another secret.
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class MaskedSecret:
    """One mask in a cleaned text.

    Attributes:
        kind: what it masks, in plain words.
        start: where the mask starts.
        end: where it ends.
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text with its secrets masked, and the masks in order."""

    text: str
    findings: tuple[MaskedSecret, ...]


class Guard:
    """Masks secrets in everything that is sent or saved, by the same rules.

    A secret keeps its mask for as long as the guard lives, and different secrets of a kind are numbered. A guard may be
    used from several threads. It never shows what it knows, and cannot be pickled.

    Args:
        mode: ``mask`` the secrets, ``refuse`` a text that holds one, or ``off``.
        environ: the environment; the values of variables that look secret are masked wherever they occur.
        values: secrets of 8 characters or more that the caller knows, such as the endpoint's key.

    Raises:
        ConfigurationError: the mode is none of these.
    """

    def __init__(self, mode: Mode, environ: Mapping[str, str], values: Iterable[Secret] = ()) -> None:
        self._mode = mode
        self._known = KnownSecrets()
        if mode not in _MODES:
            raise ConfigurationError(f"guard is {mode!r}: expected one of {', '.join(map(repr, _MODES))}")
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(16)
        self._labels: dict[bytes, str] = {}
        self._counts: dict[str, int] = {}
        self._remembered = self._guessed = self._learned = 0
        self._passed: dict[tuple[bytes, bool], int] = {}  # clean texts: how many secrets were known at the time
        self._names = {name for name in environ if classify_name(name)}
        in_child(self, Guard._leave_to_parent)
        if mode == "off":
            return
        with Sealed():
            self._know(values, environ)

    def _know(self, values: Iterable[Secret], environ: Mapping[str, str]) -> None:
        known = (("key of the endpoint", value.reveal()) for value in values)
        for kind, value in (*known, *of_environment(environ)):
            self._known.add(kind, value)
            self._names.add(kind.removeprefix("value of "))
            self._label(kind, value)

    def learn(self, names: Mapping[str, object]) -> None:
        """Remember the secrets in the variables ``names``, so that they are masked without their name as well."""
        if self._mode == "off":
            return
        with Sealed(), self._lock:
            for kind, value in of_names(names):
                if self._learned < _LEARNED and value not in self._known:
                    self._known.add(kind, value, whole=not random(value, 16))
                    self._learned += 1

    def _leave_to_parent(self) -> None:
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Guard({self._mode!r}, {self._known!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a guard knows secrets and is neither pickled nor copied")

    def clean(self, text: str, where: str = "the text", *, secrets_file: bool = False) -> Cleaned:
        """Return ``text`` with every secret masked.

        Args:
            text: any text.
            where: what the text is, for the error: ``the question``, ``cell [3]``.
            secrets_file: whether it is a file kept for secrets: then every value that is not plain is masked.

        Raises:
            SecretFound: the mode is ``refuse`` and the text holds a secret.
        """
        if self._mode == "off":
            return Cleaned(text, ())
        with Sealed(), self._lock:
            for _ in range(_ROUNDS):
                found = [] if self._has_passed(text, secrets_file) else self._found(text, secrets_file=secrets_file)
                if not found:
                    self._passed[self._digest(text), secrets_file] = len(self._known)
                    break
                if self._mode == "refuse":
                    raise _refusal(text, found, where)
                text = replaced(text, [(one[0], one[1], self._label(one.kind, text[one[0] : one[1]])) for one in found])
        return Cleaned(text, tuple(MaskedSecret(kind, start, end) for start, end, kind, name in self._masks(text)))

    def clean_value(self, value: str, label: object, where: str = "the text", *, in_column: bool = False) -> str:
        """Return ``value``, or a mask for all of it if its ``label`` says that it is a secret.

        Args:
            value: the value of a key, a column, a field or a variable.
            label: the name of that.
            where: what is being read, for the error.
            in_column: whether the label is that of a column, where any word may be a password.

        Raises:
            SecretFound: the mode is ``refuse`` and ``value`` is a secret.
        """
        said = classify_label(label) if self._mode != "off" else None
        if said is None:
            return value
        certainty, kind = said
        judged = value[:_LONGEST_VALUE]
        bare = self._without_masks(judged)
        if not (is_secret_cell(bare, certainty) if in_column else is_secret(bare, certainty, exact=True)):
            return value
        found = [Found(0, len(judged), kind)]
        if self._mode == "refuse":
            raise _refusal(judged, found, where)
        with Sealed(), self._lock:
            if self._digest(judged) not in self._labels:
                self._remember(judged, found)
                kind = next((one.kind for one in by_form(judged) if one.end - one.start == len(judged)), kind)
            return self._label(kind, judged)

    def _without_masks(self, text: str) -> str:
        """Return ``text`` with its masks replaced by filler of the same length, so that they are not searched."""
        return replaced(text, ((start, end, FILL * (end - start)) for start, end, _, _ in self._masks(text)))

    def _masks(self, text: str) -> Iterator[tuple[int, int, str, str]]:
        for found in masks(text):
            # Only a real mask is skipped: its kind is on the list, and its name is that of a variable.
            if not found[3] or found[3] in self._names or classify_name(found[3]):
                yield found

    def _found(self, text: str, *, secrets_file: bool) -> list[Found]:
        """Return the secrets in ``text``, in order and without overlaps. Masks are not searched."""
        searched = self._without_masks(text)
        found = [*self._known.find(searched)]
        for finder in (by_block, by_form, by_url, by_pgpass, by_listing):
            found += finder(searched)
        found += by_joined(searched, (by_form, self._known.find))
        names = list(find_names(searched))
        found += [*by_name(searched, names), *by_later(searched, names), *by_table(searched, names)]
        if secrets_file:
            found += by_assignment(searched)
        guessed = list(by_position(searched))
        self._remember(searched, found)
        self._remember(searched, guessed, guessed=True)
        return _apart(searched, [*found, *guessed])

    def _has_passed(self, text: str, secrets_file: bool) -> bool:
        """Return whether ``text`` was clean before and no secret was learnt since: most texts are cleaned twice."""
        if len(self._passed) > _PASSED:
            self._passed.clear()
        return self._passed.get((self._digest(text), secrets_file)) == len(self._known)

    def _remember(self, text: str, found: list[Found], *, guessed: bool = False) -> None:
        for start, end, kind in found:
            value = text[start:end]
            if kind not in _NAMED or not distinctive(value) or value in self._known:
                continue
            if guessed or kind in _WEAKLY_NAMED:
                if self._guessed >= _GUESSED:
                    continue
                self._guessed += 1
            elif self._remembered >= _REMEMBERED:
                continue
            else:
                self._remembered += 1
            self._known.add(kind, value, whole=True)

    def _digest(self, value: str) -> bytes:
        return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=self._salt, digest_size=16).digest()

    def _label(self, kind: str, value: str) -> str:
        """Return the mask of ``value``. Only a keyed digest of the value is remembered."""
        digest = self._digest(one_literal(value))
        if digest not in self._labels:
            # All spellings and pieces of a variable's value share one mask.
            number = 1 if kind.startswith("value of ") else self._counts.get(kind, 0) + 1
            self._counts[kind] = number
            self._labels[digest] = mask(kind, number)
        return self._labels[digest]


#: Kinds that are found by a name or a place beside them. The same value may occur elsewhere without it.
_NAMED = {
    *("password", "password in a URL", "connection string", "secret", "secret key", "key", "token", "API key"),
    *("credentials", "session", "cookie", "authorization", "AWS secret key"),
}
# Of these, the kinds whose names ordinary data has as well.
_WEAKLY_NAMED = {"key", "token", "session", "cookie"}


def _apart(text: str, found: list[Found]) -> list[Found]:
    """Return ``found`` with overlapping spans merged; the kind is that of the longest, or of the first found."""
    apart: list[Found] = []
    widest = 0
    for start, end, kind in sorted(found, key=lambda one: one.start):
        if not text[start:end].strip(FILL + " \t\n"):
            continue
        if apart and start < apart[-1].end:
            last = apart[-1]
            longer = end - start > widest
            apart[-1] = Found(last.start, max(end, last.end), kind if longer else last.kind)
            widest = max(widest, end - start)
        else:
            apart.append(_whole(text, Found(start, end, kind)))
            widest = end - start
    return apart


def _whole(text: str, found: Found) -> Found:
    """Return ``found``, extended over the masks that adjoin it."""
    start, end = found.start, found.end
    if text[start] == FILL:
        while start and text[start - 1] == FILL:
            start -= 1
    if text[end - 1] == FILL:
        while end < len(text) and text[end] == FILL:
            end += 1
    return Found(start, end, found.kind)


def _refusal(text: str, found: list[Found], where: str) -> SecretFound:
    kinds = list(dict.fromkeys(kind for _, _, kind in found))
    shown = ", ".join(kinds[:3]) + (f" and {len(kinds) - 3} more" if len(kinds) > 3 else "")
    line = text.count("\n", 0, found[0].start) + 1
    return SecretFound(
        f"{where} holds a secret ({shown}; line {line}), so nothing was sent: take it out, "
        "or have it masked by %config DeepSeek.guard = 'mask'"
    )
