"""Keys: masked wherever they are shown, and used only for the host that each was given for."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn

from deepseek_magic.errors import ConfigurationError, DeepSeekError

from .servers import DEFAULT_BASE_URL
from .urls import checked_base_url, host_of


class Secret:
    """A value that never shows: ``repr``, ``str`` and ``format`` are masked, and it cannot be pickled.

    ``reveal()`` returns the value itself; it is called only where the value leaves for its own host, and to scrub it
    from texts. It is a method of the string, and no attribute or frame of ours holds the string: a traceback with
    locals prints both. For the same reason a caller uses the result within one expression and gives it no name.
    """

    __slots__ = ("reveal",)

    def __init__(self, value: str) -> None:
        self.reveal: Callable[[], str] = str(value).__str__

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __repr__(self) -> str:
        return "Secret(****)"

    def __format__(self, spec: str) -> str:
        return "****"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        msg = "a secret is not pickled"
        raise TypeError(msg)


class Environment(Mapping[str, str]):
    """A live view of the variables in ``environ``, with a ``repr`` that does not show their values."""

    __slots__ = ("_variables",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._variables: Callable[[], Mapping[str, str]] = lambda: environ  # an attribute would be printed

    def __getitem__(self, name: str) -> str:
        return self._variables()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables())

    def __len__(self) -> int:
        return len(self._variables())

    def __repr__(self) -> str:
        return f"<environment of {len(self)} variables>"


class Sealed:
    """A context manager that removes the frames, the cause and the context inside the block from an error.

    They may hold a secret, and ``%xmode Verbose``, rich, cgitb and `traceback.TracebackException` print locals. What
    was being handled when the block began stays as context. A defect (no error of ours) keeps a note of its place.
    """

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = sys.exc_info()[1]

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None or isinstance(error, GeneratorExit):
            return
        if not isinstance(error, (DeepSeekError, KeyboardInterrupt)) and hasattr(error, "add_note"):
            error.add_note(f"raised at {_place(trace)}; its frames are cut, because they may hold a secret")
        del trace
        if error is not self._before:
            error.__cause__, error.__context__, error.__suppress_context__ = None, self._before, False
        # Python 3.10 would restore the traceback after a plain return.
        raise error.with_traceback(None)


def _place(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "an unknown place" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


@dataclass(frozen=True, slots=True)
class Key:
    """A key, the host it was given for, and where it comes from (shown to the user; the key never is)."""

    secret: Secret
    host: str
    source: str

    def serves(self, url: str) -> bool:
        """Return whether this key was given for the host (with its port) of ``url``."""
        return host_of(url) == self.host


def environment_key(environ: Mapping[str, str], base_url: str) -> Key | None:
    """Return the environment's key if it is for ``base_url``: it is only for the environment's endpoint."""
    secret = Secret(environ.get("DEEPSEEK_API_KEY", "").strip())
    if not secret:
        return None
    try:
        given_for = checked_base_url(environ.get("DEEPSEEK_BASE_URL", "").strip() or DEFAULT_BASE_URL)
    except ConfigurationError:
        return None  # the environment's URL is invalid; using it raises an error that says so
    if host_of(given_for) != host_of(base_url):
        return None
    return checked_key(secret, base_url, "the variable DEEPSEEK_API_KEY")


def search_key(environ: Mapping[str, str], search_url: str) -> Key | None:
    """Return the environment's key for the search server at ``search_url``, which never gets an endpoint's key."""
    secret = Secret(environ.get("DEEPSEEK_SEARCH_KEY", "").strip())
    return checked_key(secret, search_url, "the variable DEEPSEEK_SEARCH_KEY") if secret else None


# Characters around a key that was copied from a command, a header or a text.
_MARKS = "\\s\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"
_COPIED = re.compile(
    rf"\A[{_MARKS}]*(?:Authorization[{_MARKS}]*:[{_MARKS}]*)?(?:Bearer\s[{_MARKS}]*)?|[{_MARKS}]+\Z", re.I
)


def checked_key(value: str | Secret, base_url: str, source: str) -> Key:
    """Return ``value`` as the key for the host of ``base_url``.

    Quotation marks around it and the word Bearer before it, which may have been copied with it, are removed.

    Raises:
        ConfigurationError: it cannot be sent in an HTTP header. The message never holds the value.
    """
    secret = Secret(_COPIED.sub("", value.reveal() if isinstance(value, Secret) else value))
    del value  # keep a refused key out of the traceback's frames
    if not secret.reveal().isascii() or not secret.reveal().isprintable() or " " in secret.reveal() or not secret:
        msg = (
            f"the key from {source} is not usable: it holds spaces or characters no key has; "
            "set it again, or run %deepseek_login"
        )
        raise ConfigurationError(msg)
    return Key(secret, host_of(base_url), source)
