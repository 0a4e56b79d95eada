"""The live status line: what the reply is doing (waiting, retrying, thinking, writing), and for how long."""

from __future__ import annotations

from deepseek_magic.api.events import (
    Batch,
    Behind,
    Called,
    Calling,
    KeepAlive,
    Noted,
    ReasoningDelta,
    Retrying,
    TextDelta,
    Underway,
    Waiting,
    assert_never,
)
from deepseek_magic.text import TokenCount, counted, one_line

#: Seconds of silence that the line begins to mention.
SILENCE = 5.0


class Status:
    """Folds events into one line. All instants are seconds of one monotonic clock."""

    def __init__(self, now: float) -> None:
        self._began = now
        self._phase = "waiting"
        self._since = now
        self._heard = now
        self._thinking = 0.0
        self._thought = TokenCount()

    def fold(self, batch: Batch, now: float) -> None:
        """Update the line with the events of ``batch``, seen at ``now``."""
        for event in batch:
            match event:
                case TextDelta():
                    if self._phase != "writing":
                        self._write(now)
                case ReasoningDelta(text):
                    self._thought.add(text)
                    self._enter("thinking", now)
                case Waiting(attempt):
                    self._enter(f"waiting, try {attempt}", now)
                case Behind(what):
                    self._enter(f"waiting for {one_line(what, 120)}", now)
                case Retrying(attempt, delay, reason):
                    self._enter(f"retrying in {delay:.1f} s (try {attempt}): {one_line(reason, 120)}", now)
                case KeepAlive():
                    self._queue()
                    continue
                case Calling(call):
                    self._enter(f"calling {one_line(call, 120)}", now)
                case Called():
                    self._enter("waiting", now)
                case Underway() | Noted():
                    pass
                case _:
                    assert_never(event)
            self._heard = now

    def _queue(self) -> None:
        if self._phase.startswith("waiting"):
            self._phase = "waiting in the endpoint's queue"

    def _write(self, now: float) -> None:
        if self._phase == "thinking":
            self._thinking = now - self._since
        self._enter("writing", now)

    def _enter(self, phase: str, now: float) -> None:
        if phase != self._phase:
            self._phase, self._since = phase, now

    def draw(self, characters: int, stop: str) -> None:
        """Show that the end, of ``characters``, is being drawn, and how to ``stop`` that here."""
        self._phase = f"drawing {characters:,} characters ({stop} shows them as they were written)"

    @property
    def thinking(self) -> bool:
        """Whether the model is thinking right now."""
        return self._phase == "thinking"

    def thought(self, now: float) -> str:
        """Return the heading of the thinking: its seconds and estimated tokens."""
        seconds = now - self._since if self.thinking else self._thinking
        return f"Thinking · {seconds:.0f} s · {counted(self._thought.tokens, 'token')}"

    def line(self, now: float) -> str:
        """Return the line as of ``now``."""
        if self.thinking:
            line = f"thinking · {now - self._since:.0f} s · {counted(self._thought.tokens, 'token')}"
        elif self._phase.startswith("retrying"):
            line = self._phase
        else:
            line = f"{self._phase} · {now - self._began:.0f} s"
        silent = now - self._heard
        if self._phase in ("thinking", "writing") and silent >= SILENCE:
            line += f" · no text for {silent:.0f} s"
        return line
