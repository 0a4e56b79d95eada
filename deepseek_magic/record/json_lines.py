"""Replies as lines of JSON: the export of a record for version control, and a read-only record itself.

One line is one reply, with its keys in a fixed order. A teacher can hand out such a file, and a test can use it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from heapq import nlargest
from pathlib import Path
from typing import Any, get_args

from deepseek_magic.api.messages import Detail, ImagePart
from deepseek_magic.errors import ConfigurationError
from deepseek_magic.text import counted

from .kept import VERSION, Kept, Numbered, block, read_block
from .shelf import Shelf, any_kept
from .words import holds

_MOST_IMAGES = 100
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*\Z|https://\S+\Z")
_DETAILS = (None, *get_args(Detail))
#: The largest file that is read, in bytes.
LARGEST = 400_000_000


def content_of(kept: Kept) -> dict[str, Any]:
    """Return the content of the line for ``kept``, with what a reader looks for first at the beginning."""
    rest = block(kept)
    sent = "" if kept.sent == kept.question else kept.sent
    first = {"version": VERSION, "answered": kept.answered, "model": kept.model}
    named = {"question": kept.question, "text": kept.text, "thinking": kept.thinking, "sent": sent}
    named |= {"system": kept.system}
    images = [[one.url, one.detail, one.width, one.height] for one in kept.images]
    place = {"conversation": kept.conversation, "turn": kept.turn, "cell": kept.cell}
    return {
        **first,
        **{name: value for name, value in {**named, **place, "images": images}.items() if value or name == "text"},
        **rest,
    }


def kept_from(content: Any) -> Kept:
    """Return the reply of a line with this ``content``.

    Raises:
        ValueError: it is not a reply; the message says why.
    """
    found = content if isinstance(content, dict) else {}
    turn, question = found.get("turn", 0), _text(found, "question")
    return replace(
        read_block(found, _text(found, "text")),
        question=question,
        sent=_text(found, "sent") or question,
        images=_images(found.get("images", [])),
        system=_text(found, "system"),
        cell=_text(found, "cell"),
        conversation=_text(found, "conversation"),
        turn=turn if type(turn) is int and turn >= 0 else 0,
    )


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name, "")
    return value if isinstance(value, str) else ""


def _images(found: Any) -> tuple[ImagePart, ...]:
    """Return the pictures that were sent; none if they do not have the form in which we write them."""
    if not isinstance(found, list) or len(found) > _MOST_IMAGES:
        return ()
    made = []
    for one in found:
        match one:
            case [str(url), detail, int(width), int(height)] if _IMAGE.match(url) and detail in _DETAILS:
                made.append(ImagePart(url, detail, width, height))
            case _:
                return ()
    return tuple(made)


def dumped(kept: Kept) -> str:
    """Return the line for ``kept``."""
    return json.dumps(content_of(kept), ensure_ascii=False, separators=(", ", ": ")).replace("\u2028", "\\u2028")


def write(path: Path, replies: Iterable[Kept]) -> int:
    """Write ``replies`` to the file ``path``, in the order in which they came, and return their number.

    Raises:
        ConfigurationError: it cannot be written.
    """
    lines = sorted({(one.answered, one.request, dumped(one)) for one in replies})
    try:
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(f"{line}\n" for _, _, line in lines)
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}): name another file"
        raise ConfigurationError(msg) from None
    return len(lines)


def read(path: Path) -> Iterator[Kept | str]:
    """Yield the replies in the file ``path``; for a line that is not used, yield the reason.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        if (size := path.stat().st_size) > LARGEST:
            msg = f"{path} has {size / 1e6:,.0f} MB, and at most {LARGEST / 1e6:.0f} MB are read: split it"
            raise ConfigurationError(msg)
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if not line.strip():
                    continue
                try:
                    yield kept_from(json.loads(line))
                except RecursionError:
                    yield "has a form that is not known"
                except ValueError as error:
                    yield "is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}): name a file of replies, as %deepseek_record export writes it"
        raise ConfigurationError(msg) from None


class Lines:
    """A file of lines as a read-only record. It is read again when it has changed."""

    writes = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = 0
        self._shelf = Shelf(in_order=True, most=LARGEST)
        #: Notices about lines that are not used.
        self.notes: tuple[str, ...] = ()

    def open(self) -> None:
        """Read the file, if it has changed.

        Raises:
            ConfigurationError: it cannot be read.
        """
        changed = 0
        with suppress(OSError):
            changed = self._path.stat().st_mtime_ns
        if changed and changed == self._changed:
            return
        self._shelf, skipped = Shelf(in_order=True, most=LARGEST), Counter[str]()
        for found in read(self._path):
            if isinstance(found, Kept):
                self._shelf.add(found)
            else:
                skipped[found] += 1
        self._changed = changed
        self.notes = tuple(
            f"{counted(count, 'line')} of {self._path.name} not used: each {why}." for why, count in skipped.items()
        )

    def find(self, request: str, cell: str | None = "", fits: Callable[[Kept], bool] = any_kept) -> Kept | None:
        """Return the reply to ``request`` that ``fits``: the next in the file's order if there are several."""
        return self._shelf.find(request, cell, fits)

    def same(self, request: str, answered: str, text: str) -> Kept | None:
        """Return the reply that came at ``answered`` with this ``text``; ``None`` if it is not kept."""
        return self._shelf.same(request, answered, text)

    def search(self, words: Sequence[str], most: int) -> list[Numbered]:
        """Return the newest ``most`` replies that hold all of ``words``; their numbers are their places in the file."""
        found = (one for one in self._numbered() if holds(one.kept.question, one.kept.text, words))
        return nlargest(most, found, key=lambda one: (one.kept.answered, one.number))

    def reply(self, number: int) -> Numbered | None:
        """Return the reply ``number``; ``None`` if there is none."""
        return next((one for one in self._numbered() if one.number == number), None)

    def _numbered(self) -> Iterator[Numbered]:
        return (Numbered(number, kept) for number, kept in enumerate(self._shelf, 1))

    def newest(self) -> Iterator[Kept]:
        """Yield the replies."""
        return iter(self._shelf)

    def add(self, kept: Kept) -> None:
        """Do nothing: the file is read-only."""

    def close(self) -> None:
        """Do nothing."""
