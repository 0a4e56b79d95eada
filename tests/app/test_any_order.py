"""Ask, ask again, fork, drop, undo, edit, reset, restart and restore in any order: a plain model says what is sent."""

from __future__ import annotations

import sys
import tempfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from deepseek_magic.chat import footer
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.settings.parameters import Settings
from tests.app.pages import Page, PageCell
from tests.faults import FaultServer, reply
from tests.sizes import scaled


class Conversations(RuleBasedStateMachine):
    """The page and its kernels beside a model: for each conversation its turns, each (number, cell, answer)."""

    shell = server = record = None

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.times, self.answers, self.names = count(), count(), count(1)
        self.now = footer.now_in_utc
        footer.now_in_utc = self.clock
        for module in list(sys.modules.values()):
            if getattr(module, "now_in_utc", None) is self.now:
                module.now_in_utc = self.clock
        environ = {"DEEPSEEK_BASE_URL": self.server.url, "DEEPSEEK_API_KEY": "sk-of-any-order"}
        config = {"record": str(Path(self.folder.name) / "answers.db")} if self.record else {}
        self.page = Page(self.shell, Path(self.folder.name) / "work.ipynb", environ, **config)
        self.server.repeat(lambda _request: reply(f"answer {next(self.answers)}"))
        self.model = {"main": []}
        self.asked = {"main": 0}
        self.cells = []  # each with its conversation

    def clock(self):
        second = next(self.times)
        return f"2026-11-29T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"

    def teardown(self):
        footer.now_in_utc = self.now
        for module in list(sys.modules.values()):
            if getattr(module, "now_in_utc", None) == self.clock:
                module.now_in_utc = self.now
        self.page.session.close()
        self.folder.cleanup()

    def command(self, line):
        self.page.ask(line)

    # -- what a user does

    @rule(data=st.data())
    def ask(self, data):
        name = data.draw(st.sampled_from(sorted(self.model)))
        cell = self.page.add(f"%deepseek --chat {name} question {len(self.cells)}")
        self.cells.append((cell, name))
        self.put(cell, name)

    @precondition(lambda self: self.cells)
    @rule(data=st.data())
    def ask_again(self, data):
        self.put(*data.draw(st.sampled_from(self.cells)))

    def put(self, cell, name):
        self.page.run(cell)
        (output,) = cell.outputs
        answer = output.data["text/plain"]
        turns = self.model[name]
        place = next((place for place, turn in enumerate(turns) if turn[1] is cell), None)
        if place is None:
            self.asked[name] += 1
            turns.append((self.asked[name], cell, answer))
        else:
            turns[place] = (turns[place][0], cell, answer)

    def current(self):
        return self.page.session.conversations.current

    @rule(data=st.data())
    def change(self, data):
        name = data.draw(st.sampled_from(sorted(self.model)))
        self.page.run(PageCell("elsewhere", f"%deepseek_chat {name}"))

    @rule(data=st.data())
    def fork(self, data):
        name, source = f"copy{next(self.names)}", self.current()
        turns = self.model[source]
        last = data.draw(st.sampled_from([None, *(turn[0] for turn in turns)]))
        self.command(f"%deepseek_chat fork {name} {last or ''}")
        self.model[name] = [turn for turn in turns if last is None or turn[0] <= last]
        self.asked[name] = max((turn[0] for turn in self.model[name]), default=0)

    @rule(data=st.data())
    def drop(self, data):
        turns = self.model[self.current()]
        if turns:
            number = data.draw(st.sampled_from([turn[0] for turn in turns]))
            self.command(f"%deepseek_chat drop {number}")
            turns[:] = [turn for turn in turns if turn[0] != number]

    @rule()
    def undo(self):
        turns = self.model[self.current()]
        if turns:
            self.command("%deepseek_chat undo")
            turns.pop()

    @rule(data=st.data())
    def edit(self, data):
        turns = self.model[self.current()]
        if turns:
            place = data.draw(st.integers(0, len(turns) - 1))
            text = f"edited {next(self.answers)}"
            self.command(f"%%deepseek_chat edit {turns[place][0]}\n{text}")
            turns[place] = (*turns[place][:2], text)

    @rule()
    def reset(self):
        name = self.current()
        self.command("%deepseek_chat reset")
        self.model[name], self.asked[name] = [], 0

    @rule()
    def restart(self):
        """A copy whose answer stands nowhere on the page any more cannot come back; everything else does."""
        self.page.save()
        self.page.restart()
        try:
            self.page.run(PageCell("elsewhere", "%deepseek_chat restore"))
        except DeepSeekError:
            assert not any(map(self.on_page, self.model.values()))
        for name, turns in self.model.items():
            turns[:] = self.on_page(turns)
            self.asked[name] = max((turn[0] for turn in turns), default=0)
            self.page.session.conversations.named(name)

    def on_page(self, turns):
        shown = {
            output.data["text/plain"].partition("\n\nEdited: ")[0]
            for cell in self.page.cells
            for output in cell.outputs
        }
        return [turn for turn in turns if turn[2] in shown]

    @invariant()
    def the_next_question_is_asked_with_what_the_model_has(self):
        if not hasattr(self, "page"):
            return
        for name, turns in self.model.items():
            conversation = self.page.session.conversations.named(name)
            request = conversation.rehearse(Question("next", Settings(base_url=self.server.url))).request
            wanted = [
                text
                for _, cell, answer in turns
                for text in (cell.source.partition(f"{cell.source.split()[2]} ")[2], answer)
            ]
            assert [message.text for message in request.messages] == [*wanted, "next"], name


def run(shell, record, examples, steps):
    with FaultServer() as server:
        Conversations.shell, Conversations.server, Conversations.record = shell, server, record
        run_state_machine_as_test(
            Conversations,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


@pytest.mark.thorough
@pytest.mark.parametrize("record", [False, True])
def test_in_any_order(shell, record):
    run(shell, record, 8, 16)


@pytest.mark.slow
@pytest.mark.parametrize("record", [False, True])
def test_in_any_order_at_length(shell, record):
    run(shell, record, scaled(300), 50)
