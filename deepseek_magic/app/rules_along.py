"""Send house rules with a question: show them, have them confirmed once for each content, or leave them out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from deepseek_magic.chat.question import Question
from deepseek_magic.context.receipt import Entry
from deepseek_magic.context.rules import HouseRules, find
from deepseek_magic.notebook.kernel import Kernel, notebook_folder
from deepseek_magic.render.progress import say
from deepseek_magic.render.prompts import says_yes
from deepseek_magic.settings.home import state_folder
from deepseek_magic.text import counted, estimate_tokens, visible

# Hashes of 64 digits and a line end: more than anybody confirms.
_MOST_READ = 650_000
_NOBODY = "nobody has confirmed them yet, and nobody can be asked here"


@dataclass(slots=True, eq=False)
class RulesAlong:
    """Adds house rules to questions, and remembers which were confirmed (in a file of hashes) and which declined.

    Attributes:
        environ: names the folder of that file, and the notebook.
    """

    environ: Mapping[str, str]
    _declined: set[str] = field(default_factory=set)
    _confirmed_now: set[str] = field(default_factory=set)
    _said: set[str] = field(default_factory=set)
    _looked: bool = False

    def added(self, question: Question, kernel: Kernel, *, wanted: bool, asks: bool) -> Question:
        """Return ``question`` with the rules of the notebook's project if they are ``wanted`` and confirmed.

        Args:
            question: the question.
            kernel: where it is asked; the notebook's folder is that of its file, else the one in which it works.
            wanted: whether rules are sent; if not, the first question says that there are some.
            asks: whether the user may be asked now.

        Raises:
            SecretFound: the guard refuses, and there is a secret in the rules.
        """
        if kernel.shell is None or (self._looked and not wanted):
            return question
        self._looked = True
        rules = find(notebook_folder(kernel.shell, self.environ))
        if rules is None:
            return question
        if not wanted:
            hint = f"{rules.name} holds rules for this project: %config DeepSeek.rules = True sends them along."
            return self._noted(question, "" if rules.refused else hint)
        why = rules.refused or self._unconfirmed(rules, question, kernel, asks=asks)
        if why:
            return self._noted(question, f"The house rules in {rules.name} were left out: {why}.")
        title = f"house rules ({rules.name})"
        notes = (f"the first {counted(len(rules.text.encode()), 'byte')} of it",) if rules.left_out else ()
        entry = Entry("rules", title, estimate_tokens(rules.text), notes=notes)
        settings = replace(question.settings, system=rules.system(question.settings.system))
        return replace(question, settings=settings, beside=(*question.beside, entry))

    def _noted(self, question: Question, note: str) -> Question:
        """Return ``question`` with ``note``, unless it was shown before."""
        if not note or note in self._said:
            return question
        self._said.add(note)
        return replace(question, notes=(*question.notes, note))

    def _unconfirmed(self, rules: HouseRules, question: Question, kernel: Kernel, *, asks: bool) -> str:
        """Return "" if the user has confirmed ``rules``, now or before; otherwise why they are not sent."""
        if rules.digest in self._confirmed():
            return ""
        if rules.digest in self._declined:
            return "you declined them"
        if not asks or not kernel.front_end().watched:
            return _NOBODY
        shown = question.guard.clean(rules.text, rules.name).text
        say(f"These rules in {rules.name} would be sent with your questions as system text:\n\n{visible(shown)}\n")
        answer = says_yes(f"Send the rules in {rules.name} from now on? [y/N] ")
        if answer is None:
            return _NOBODY
        if not answer:
            self._declined.add(rules.digest)
            return "you declined them"
        self._confirm(rules.digest)
        return ""

    @property
    def _place(self) -> Path:
        return state_folder(self.environ) / "confirmed-rules"

    def _confirmed(self) -> set[str]:
        try:
            with self._place.open("rb") as file:
                kept = file.read(_MOST_READ).decode("ascii", "replace").split()
        except OSError:
            kept = []
        return {*kept, *self._confirmed_now}

    def _confirm(self, digest: str) -> None:
        """Keep the hash; where no file can be written, until the kernel ends."""
        self._confirmed_now.add(digest)
        try:
            self._place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            with os.fdopen(os.open(self._place, flags, 0o600), "w", encoding="ascii") as file:
                file.write(f"{digest}\n")
        except OSError:
            return
