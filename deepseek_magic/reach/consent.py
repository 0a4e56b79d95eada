"""Get the user's consent to what a model proposes: by asking each time, or by ``--yes`` in an unattended run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from deepseek_magic.errors import OptionError
from deepseek_magic.render.prompts import typed

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Consent:
    """How the user consents to pieces of code and calls in one question.

    Attributes:
        watched: whether the user can be asked.
        yes: whether ``--yes`` was given.
        shown: whether the view shows a piece before the user is asked; if not, the prompt contains it.
        ask: asks the user, given the prompt; ``None`` for Python's `input`.
    """

    watched: bool
    yes: bool
    shown: bool = True
    ask: Callable[[str], str] | None = None

    def answer(self, prompt: str, answers: list[str]) -> str:
        """Return the user's answer to ``prompt``, as `answered` does; "n" if the user cannot be asked."""
        return answered(prompt, answers, self.ask) if self.watched else "n"

    def check(self, *, run: bool) -> None:
        """Check that ``--yes`` is used only where nobody can be asked; ``run``: code may be proposed.

        Raises:
            OptionError: the user cannot be asked and ``--yes`` was not given, or it was and the user can be asked.
        """
        if self.watched and self.yes:
            msg = "--yes is for unattended runs: leave it out, and you are asked"
            raise OptionError(msg)
        if run and not self.watched and not self.yes:
            msg = "--tools run asks before each piece of code, and nobody can be asked here: --yes allows all of them"
            raise OptionError(msg)


def answered(prompt: str, answers: list[str], ask: Callable[[str], str] | None = None) -> str:
    """Return the user's answer, one of ``answers``; "n" if there is none, or it is not understood."""
    words = {"yes": "y", "no": "n", "edit": "e", "all": "a"}
    for _ in range(_TRIES):
        answer = (typed(prompt, ask) or "n").lower()
        if (answer := words.get(answer, answer)) in answers:
            return answer
        prompt = f"Answer with one of {', '.join(answers)}: "
    return "n"


def ask_aside(prompt: str) -> str:
    """Ask on standard error, because standard output may go into a file."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return input()
