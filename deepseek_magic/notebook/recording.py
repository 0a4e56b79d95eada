"""`Recording`: the output of one execution, kept within limits while it runs."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deepseek_magic.first_use import MadeOnce

from .cells import ExecutedCell, asks_to_be_ignored, holds_a_question, is_question
from .outputs import bundle_text, left_out, plain

#: Most characters that are kept of one cell's output, and of one piece of it.
CELL_LIMIT, PIECE_LIMIT = 64_000, 32_000
_PIECES = 200
# A secret that lies across a cut must not stay in halves: so much of a word without spaces goes with the middle.
_LONGEST_WORD = 4_096
_FIRST_WORD = re.compile(rf"\S{{1,{_LONGEST_WORD}}}")


@dataclass(slots=True, eq=False, repr=False)
class OutputPiece:
    """One output: a stream, or what was displayed.

    Attributes:
        kind: ``stdout``, ``stderr``, ``display``, ``result`` or ``error``.
        display_id: by which it may be updated; "" if it cannot be.
    """

    kind: str
    display_id: str = ""
    _head: str = ""
    _tail: str = ""
    _gone: int = 0

    def add(self, text: str) -> None:
        """Append ``text``; if it grows too long, drop its middle."""
        half = PIECE_LIMIT // 2
        if not self._gone and len(self._head) + len(text) <= PIECE_LIMIT:
            self._head += text
            return
        if not self._gone:
            text = self._head[half:] + text
            self._head = self._head[:half]
            if len(self._head) < half:
                self._head, text = self._head + text[: half - len(self._head)], text[half - len(self._head) :]
            last_word = _FIRST_WORD.match(self._head[: -_LONGEST_WORD - 1 : -1])
            self._gone = len(last_word[0]) if last_word is not None else 0
            self._head = self._head[: half - self._gone]
        tail = self._tail + text
        self._tail = tail[-half:]
        self._gone += len(tail) - len(self._tail)

    def put(self, text: str) -> None:
        """Replace the output by ``text``."""
        self._head, self._tail, self._gone = "", "", 0
        self.add(text)

    def __len__(self) -> int:
        return len(self._head) + len(self._tail)

    @property
    def text(self) -> str:
        """The output as a screen shows it in the end."""
        if not self._gone:
            return plain(self._head).rstrip("\n")
        first_word = _FIRST_WORD.match(self._tail)
        tail = self._tail[first_word.end() :] if first_word is not None else self._tail
        gone = left_out(self._gone + len(self._tail) - len(tail))
        return f"{plain(self._head).rstrip()}\n{gone}\n{plain(tail).strip()}"


@dataclass(eq=False, repr=False)
class Recording:
    """One execution of a cell, as it goes on. Not thread-safe: `Recorder` holds a lock around it."""

    source: str
    message: str = ""
    info: Any = None
    cell_id: str = ""
    tags: Sequence[object] = ()
    count: int = 0
    failed: bool = False
    ended: float = 0.0
    streams: bool = True
    error_before: BaseException | None = None
    pieces: list[OutputPiece] = field(default_factory=list)
    _gone: int = 0
    _gap: int = 0
    _clear: bool = False

    @classmethod
    def of(cls, source: str, parent: Mapping[str, Any], info: Any = None) -> Recording:
        """Return the recording of an execution that ``parent``, the message of the front end, asked for."""
        metadata = parent.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        tags = metadata.get("tags")
        cell_id = getattr(info, "cell_id", None) or metadata.get("cellId")
        return cls(
            source.rstrip("\n"),
            str(parent.get("header", {}).get("msg_id", "")),
            info,
            cell_id if isinstance(cell_id, str) else "",
            tags if isinstance(tags, list) else (),
        )

    @MadeOnce
    def ignored(self) -> bool:
        """Whether it is marked never to be sent."""
        return asks_to_be_ignored(self.source, self.tags)

    @MadeOnce
    def is_question(self) -> bool:
        """Whether it is only a question to us."""
        return is_question(self.source)

    def stream(self, name: str, text: str) -> None:
        """Add what was printed to ``stdout`` or ``stderr``."""
        self._cleared()
        if not self.pieces or self.pieces[-1].kind != name:
            self.pieces.append(OutputPiece(name))
        self.pieces[-1].add(text)
        self._trim()

    def display(
        self, data: Mapping[str, Any], metadata: Mapping[str, Any], display_id: str = "", kind: str = "display"
    ) -> None:
        """Add what was displayed, except our replies and widgets."""
        self._cleared()
        text = "" if "deepseek_magic" in metadata else bundle_text(data)
        if text or display_id:
            self.pieces.append(OutputPiece(kind, display_id))
            self.pieces[-1].add(text)
            self._trim()

    def update(self, data: Mapping[str, Any], metadata: Mapping[str, Any], display_id: str) -> bool:
        """Replace the output with this ``display_id``; return whether there is one."""
        shown = [piece for piece in self.pieces if piece.display_id == display_id != ""]
        for piece in shown:
            piece.put("" if "deepseek_magic" in metadata else bundle_text(data))
        return bool(shown)

    def clear(self, wait: bool) -> None:
        """Clear the output; with ``wait``, when the next output comes."""
        self._clear = True
        if not wait:
            self._cleared()

    def forget(self) -> None:
        """Drop the output, to save memory."""
        self._gone += sum(map(len, self.pieces))
        self.pieces = []
        self._gap = 0

    def __len__(self) -> int:
        return sum(map(len, self.pieces))

    def cell(self) -> ExecutedCell:
        """Return the execution as a value."""
        texts = [piece.text for piece in self.pieces]
        if self._gone:
            texts.insert(self._gap, left_out(self._gone))
        remarks = () if self.streams else ("what it printed is not known",)
        return ExecutedCell(
            self.count,
            self.source,
            "\n".join(filter(None, texts)),
            self.cell_id,
            self.failed,
            self.ignored,
            self.is_question,
            self.ended,
            remarks,
        )

    def finish(self, count: int, error: str, *, failed: bool) -> None:
        """Note its execution count, the error that it showed ("" for none), and whether that ended it."""
        self.count, self.ended, self.failed = count, time.time(), failed
        self.info = self.error_before = None
        if error:
            self.pieces.append(OutputPiece("error"))
            self.pieces[-1].add(error)

    def _cleared(self) -> None:
        if self._clear:
            self.pieces, self._gone, self._gap, self._clear = [], 0, 0, False

    def _trim(self) -> None:
        """Drop outputs from the middle until the cell is within its limits."""
        while len(self.pieces) > 2 and (len(self.pieces) > _PIECES or len(self) > CELL_LIMIT):
            if not self._gone:
                self._gap = len(self.pieces) // 2
            place = self._gap if self._gap < len(self.pieces) - 1 else self._gap - 1
            self._gone += len(self.pieces.pop(place))
            self._gap = min(place, len(self.pieces) - 1)


def replay(recording: Recording, outputs: list[Any], *, in_terminal: bool) -> None:
    """Take in what IPython (9 and later) itself kept of an execution (``history_manager.outputs``).

    In a terminal our replies are printed text, so that what a cell with a question in it printed is not taken.
    """
    printed = not (in_terminal and holds_a_question(recording.source))
    for output in outputs:
        bundle = output.bundle if isinstance(output.bundle, dict) else {}
        match output.output_type:
            case "out_stream" | "err_stream":
                name = "stdout" if output.output_type == "out_stream" else "stderr"
                if printed:
                    recording.stream(name, "".join(map(str, bundle.get("stream", ()))))
            case "execute_result":
                recording.display(bundle, {}, kind="result")
            case "display_data":
                recording.display(bundle, {})
            case _:
                pass


def picture_in(data: Mapping[str, Any]) -> bytes:
    """Return the picture in a display as the bytes of an image file; empty if there is none."""
    for kind in ("image/png", "image/jpeg"):
        encoded = data.get(kind)
        if isinstance(encoded, bytes):
            return encoded
        if isinstance(encoded, str):
            try:
                return base64.b64decode(encoded)
            except ValueError:
                continue
    return b""
