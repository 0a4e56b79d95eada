"""``--tools run``: show each piece of code that the model proposes, ask the user, and run it in their namespace."""

from __future__ import annotations

import time
from dataclasses import replace

from deepseek_magic.api.events import Calling, Piece, PieceState
from deepseek_magic.api.messages import Tool, ToolCall
from deepseek_magic.context.reader import Reader
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.notebook.namespace import own_names
from deepseek_magic.notebook.pieces import PieceOutcome, pieces_of
from deepseek_magic.text import counted, hidden, visible
from deepseek_magic.tools.calls import Strangers, read_arguments
from deepseek_magic.tools.offered import Made
from deepseek_magic.tools.returned import awaited

from .consent import Consent

#: The tool's name for ``--tools``.
RUN = "run"
# The most characters of a piece: nobody would read a longer one to its end before allowing it.
_LONGEST = 20_000
_DESCRIPTION = (
    "Run Python in the user's running IPython session, and return what it prints and shows, or how it failed. The user "
    "sees each piece of code and decides whether it runs. Names that a piece defines are there for the next piece and "
    "for the user. Write short pieces, one step each; the value of the last expression is shown, and so are figures."
)
TOOL = Tool.of(
    RUN,
    _DESCRIPTION,
    {
        "type": "object",
        "properties": {"code": {"type": "string", "description": "Python; magics of IPython work too"}},
        "required": ["code"],
        "additionalProperties": False,
    },
)


class RunTool:
    """Runs the pieces of one question.

    Args:
        kernel: the kernel in whose namespace they run.
        reader: describes values around an error, and masks secrets.
        guard: learns the secrets that variables hold.
        consent: asks the user.
        strangers: whether the conversation holds words of strangers; then the user is asked about every piece.
    """

    tool = TOOL

    def __init__(self, kernel: Kernel, reader: Reader, guard: Guard, consent: Consent, strangers: Strangers) -> None:
        self._kernel = kernel
        self._guard = guard
        self._reader = reader
        self._consent = consent
        self._strangers = strangers
        self._pieces = pieces_of(kernel.shell)
        self._all = False
        self._proposed: Piece | None = None

    def calling(self, call: ToolCall, words: str) -> Calling:
        """Return the event that shows the piece about which the user is asked."""
        code = _code(call)
        if isinstance(code, ValueError):
            self._proposed = None
            return Calling(words)
        self._proposed = Piece(self._pieces.next_number(), code)
        return Calling(f"{RUN}(piece {self._proposed.number})", self._proposed)

    def made(self, call: ToolCall, words: str) -> Made:  # noqa: ARG002  # as the protocol has it
        """Ask the user about the piece that was shown, run it if it is allowed, and return the result."""
        piece, code = self._proposed, _code(call)
        if piece is None or isinstance(code, ValueError):
            return Made(str(code), failed=True)
        answer = self._answer(piece)
        if answer == "e":
            self._kernel.set_next_cell(piece.code)
            return self._not_run(piece, "edited", "the user edits this piece; it was not run", edited=True)
        if answer != "y":
            return self._not_run(piece, "refused", answer or "the user did not allow this piece; it was not run")
        started = time.monotonic()
        outcome = self._pieces.run(piece.number, piece.code, awaited)
        return self._told(piece, outcome, time.monotonic() - started)

    def _not_run(self, piece: Piece, state: PieceState, text: str, *, edited: bool = False) -> Made:
        return Made(text, failed=True, piece=replace(piece, state=state), edited=edited)

    def _answer(self, piece: Piece) -> str:
        """Return ``y`` or ``e``, "" for no, or why nobody was asked."""
        asked_each = self._strangers.come
        if not self._consent.watched:
            why = "it was not run: words from outside stand in the conversation, and nobody can be asked here"
            return why if asked_each else "y"
        if self._all and not asked_each:
            return "y"
        answers = "y/n/e" if asked_each else "y/n/e/a"
        meaning = "yes, no, e: edit it yourself" + ("" if asked_each else ", a: all of this question")
        lines = counted(piece.code.rstrip().count("\n") + 1, "line")
        prompt = f"Run piece {piece.number} ({lines})? ({meaning}) [{answers}] "
        if not self._consent.shown:
            prompt = f"{visible(piece.code)}\n\n{prompt}"
        answer = self._consent.answer(prompt, answers.split("/"))
        self._all = self._all or answer == "a"
        return {"y": "y", "a": "y", "e": "e"}.get(answer, "")

    def _told(self, piece: Piece, outcome: PieceOutcome, seconds: float) -> Made:
        self._guard.learn(own_names(self._kernel.shell))
        parts, error = [outcome.text], outcome.error
        state: PieceState = "done"
        stopped = isinstance(error, KeyboardInterrupt)
        if stopped:
            state, parts = "stopped", [*parts, "the user stopped it here"]
        elif error is not None:
            report = self._pieces.report(error, self._reader.describe, self._reader.redactor)
            self._reader.redactor.check()
            state, parts = "failed", [*parts, f"It failed. {report}"]
        figures = f"[{counted(len(outcome.images), 'picture')} shown]" if outcome.images else ""
        text = "\n\n".join(part for part in (*parts[:1], figures, *parts[1:]) if part) or "(it printed nothing)"
        ended = replace(piece, state=state, lines=outcome.lines, images=outcome.images)
        return Made(text, error is not None, seconds, outcome.images, ended, stopped)


def _code(call: ToolCall) -> str | ValueError:
    """Return the code of ``call``, or a message for the model that says what is wrong."""
    read = read_arguments(call.arguments)
    if isinstance(read, str):
        return ValueError(read)
    code = read.get("code")
    if not isinstance(code, str) or not code.strip() or len(read) > 1:
        return ValueError('the arguments do not fit: give one, "code", a string of Python')
    if len(code) > _LONGEST:
        return ValueError(f"the piece has {len(code):,} characters: give at most {_LONGEST:,} at a time")
    if problem := hidden(code):
        return ValueError(f"{problem}: write it without them")
    return code.strip("\n")
