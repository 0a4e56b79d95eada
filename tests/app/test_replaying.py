"""Answers from what is kept: the same reply, view, value and conversation; no request, no key, nothing run."""

from __future__ import annotations

import json
from dataclasses import replace

import nbformat
import pydantic
import pytest

from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.app.session import Session
from deepseek_magic.errors import ConfigurationError, DoesNotFit, MissingKey, NotKept, OptionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.renderer import Silent
from tests.app.asking import texts
from tests.chat.scripted import call, calling
from tests.faults import FaultServer, normal, reply

CODE = "```python\nx = 1\n```\n"


class Heard(Silent):
    """Keeps what it is shown."""

    def __init__(self):
        self.events, self.ending = [], None

    def show(self, batch):
        self.events += batch

    def close(self, ending):
        self.ending = ending


class Notebook:
    """A kernel whose notebook has a file, which is saved when it says so."""

    def __init__(self, shell, path, replay="auto", environ=None):
        self.session = Session({} if environ is None else environ)
        self.shell, self.path, self.replay = shell, path, replay
        self.outputs = []
        shell.user_ns["__vsc_ipynb_file__"] = str(path)

    def ask(self, text, **options):
        """Ask, and return the reply with what was shown of it."""
        heard = Heard()
        options = {"replay": self.replay, **options}
        found = ask(self.session, Ask(text, options, kernel=Kernel(self.shell), renderer=heard))
        self.outputs.append(
            nbformat.v4.new_output("display_data", bundle(heard.ending), metadata=heard.ending.metadata)
        )
        return found, heard

    def save(self):
        """Write the file, each output in a cell of its own."""
        cells = [nbformat.v4.new_code_cell("%deepseek", outputs=[output]) for output in self.outputs]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), self.path)

    def restarted(self, replay="auto", **environ):
        """The same notebook in a new kernel."""
        self.save()
        self.session.close()
        return Notebook(self.shell, self.path, replay, environ)


@pytest.fixture
def notebook(server, shell, tmp_path):
    """A notebook whose first kernel asks a server, with replay off."""
    environ = {"DEEPSEEK_API_KEY": "sk-1", "DEEPSEEK_BASE_URL": server.url}
    made = Notebook(shell, tmp_path / "work.ipynb", "off", environ)
    yield made
    made.session.close()


def same_but_for_the_footer(one, other):
    """Whether two endings are equal in all that a saved output holds, but for the line that says kept."""
    left_out = {"footer": "", "details": "", "attempt": None}
    return replace(one, **left_out) == replace(other, **left_out)


def answered(request):
    """Thinking, a call where there is a tool, and an answer that is JSON, code or text."""
    asked = texts(request)[-1] or ""
    if request.json.get("tools") and request.json["messages"][-1]["role"] == "user":
        return calling(call("look", '{"name": "x"}', "call_7"), text="I look.", reasoning="Let me look. ")
    if "json" in json.dumps(request.json):
        return reply('{"a": [1, 2]}')
    return reply("x = 1\n" if "code" in asked else f"answer {len(asked)}", "thinking")


RAN = []


def look(name: str) -> str:
    """Look at a name."""
    RAN.append(name)
    return f"{name} is 42"


QUESTIONS = [
    ("What is a p-value?", {}),
    ("And in {x} words?", {}),
    ("What is it?", {"vars": ("rows",)}),
    ("Give json", {"form": "json", "output": "value"}),
    ("Give code", {"form": "code"}),
    ("Look at it", {"tools": ("look",)}),
    ("And then?", {}),
    ("Apart", {"no_memory": True, "temperature": 0.5, "thinking": "off"}),
]


@pytest.fixture
def asked(notebook, server):
    """The notebook after its questions, and what was shown of each."""
    server.repeat(answered)
    notebook.shell.user_ns |= {"x": 3, "rows": [1, 2, 3], "look": look}
    return notebook, [notebook.ask(text, **options) for text, options in QUESTIONS]


@pytest.mark.parametrize("mode", ["auto", "only"])
def test_a_saved_notebook_is_answered_from_its_own_outputs(asked, server, mode):
    """In a new kernel, without a key: every output is the same but for its footer, and no request is made."""
    notebook, first = asked
    requests, ran = len(server.requests), len(RAN)
    again = notebook.restarted(mode, DEEPSEEK_BASE_URL=server.url)
    for (text, options), (found, heard) in zip(QUESTIONS, first, strict=True):
        kept, shown = again.ask(text, **options)
        assert same_but_for_the_footer(heard.ending, shown.ending), text
        assert (kept.text, kept.reasoning, kept.value, kept.code, kept.notices) == (
            *(found.text, found.reasoning, found.value, found.code),
            found.notices,
        )
        assert "kept since 20" in shown.ending.footer
        assert ", in the notebook" in shown.ending.footer
        assert (kept.kept, kept.cost, kept.usage) == ("notebook", None, found.usage)
    assert again.shell.user_ns["value"] == {"a": [1, 2]}
    assert len(server.requests) == requests
    assert len(RAN) == ran > 0
    assert again.session.tallies.by_model == {}
    assert "1 call not run again" in again.session.conversations.named().ending(3).footer


def test_later_questions_are_asked_with_the_kept_turns(asked, server):
    """The messages are those of a kernel that asked everything itself, but for the marker and ids of calls."""
    notebook, _ = asked
    _, first = notebook.ask("What else?")
    again = notebook.restarted("auto", DEEPSEEK_BASE_URL=server.url, DEEPSEEK_API_KEY="sk-1")
    for text, options in QUESTIONS:
        again.ask(text, **options)
    found, shown = again.ask("What else?", fresh=True)
    assert found.kept == ""
    one, other = (request.json["messages"] for request in server.requests[-2:])
    assert [message["role"] for message in one] == [message["role"] for message in other]
    assert [message.get("tool_calls", [{}])[0].get("function") for message in one] == [
        message.get("tool_calls", [{}])[0].get("function") for message in other
    ]
    digests = [heard.ending.metadata["deepseek_magic"]["request"] for heard in (first, shown)]
    assert digests[0] == digests[1]


def test_the_same_kernel_answers_from_its_memory(notebook, server):
    """The second time nothing is asked; --fresh asks, and its answer is the one that is kept."""
    first, _ = notebook.ask("Hi", no_memory=True)
    server.enqueue(reply("another"))
    again, shown = notebook.ask("Hi", no_memory=True, replay="auto")
    assert (again.text, again.kept, len(server.requests)) == (first.text, "memory", 1)
    assert "in this kernel" in shown.ending.footer
    fresh, _ = notebook.ask("Hi", no_memory=True, replay="auto", fresh=True)
    assert (fresh.text, fresh.kept) == ("another", "")
    assert notebook.ask("Hi", no_memory=True, replay="auto")[0].text == "another"
    assert len(server.requests) == 2


def test_where_it_is_off_everything_is_asked(notebook, server):
    """The default."""
    for options in ({}, {"replay": "off"}, {"replay": ""}):
        notebook.ask("Hi", no_memory=True, **options)
    assert len(server.requests) == 3


def test_the_environment_and_the_configuration_turn_it_on(notebook, server):
    """An option overrides the configuration, which overrides the variable."""
    notebook.ask("Hi", no_memory=True)
    session = notebook.session

    def kept(option=None, config="", variable=""):
        environ = {**dict(session.environ), "DEEPSEEK_REPLAY": variable}
        session.environ = type(session.environ)(environ)
        options = {"no_memory": True, "quiet": True, **({} if option is None else {"replay": option})}
        return ask(session, Ask("Hi", options, {"replay": config})).kept

    assert kept(variable="auto") == kept(config="auto", variable="off") == kept("auto", "off") == "memory"
    assert kept("off", "auto") == kept(config="off", variable="auto") == ""
    with pytest.raises(ConfigurationError, match="DEEPSEEK_REPLAY is 'sometimes': expected one of auto, only, off"):
        kept(variable="sometimes")


def test_fresh_and_only_do_not_go_together(notebook):
    """One asks the endpoint, and the other never does."""
    with pytest.raises(OptionError, match="--fresh asks the endpoint, and --replay only never does"):
        notebook.ask("Hi", replay="only", fresh=True)


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("What is it?", {"vars": ("rows",), "model": "deepseek-v4-pro"}, "differs in the model"),
        ("What is it?", {"vars": ("rows",), "max_tokens": 9}, "differs in the setting max_tokens"),
        ("What is it?", {"vars": ("rows",), "system": "Be brief."}, "differs in the system text"),
        ("What is it?", {"vars": ("rows", "x")}, "differs in the context x (it was not sent then)"),
        ("What is it?", {}, "differs in context that was sent then and is not now"),
        ("Why is it?", {"vars": ("rows",)}, "no answer to this question is kept"),
    ],
)
def test_only_says_what_differs(notebook, server, text, options, why):
    """In one line, and nothing is asked; the conversation is as it was."""
    notebook.shell.user_ns |= {"x": 3, "rows": [1, 2, 3]}
    notebook.ask("What is it?", vars=("rows",), no_memory=True)
    again = notebook.restarted("only", DEEPSEEK_BASE_URL=server.url)
    with pytest.raises(NotKept) as raised:
        again.ask(text, no_memory=True, **options)
    assert str(raised.value).startswith("not asked (--replay only): ")
    assert str(raised.value).endswith(f"{why}; --replay auto asks the endpoint")
    assert len(server.requests) == 1
    assert not again.session.conversations.named().transcript.turns


def test_only_names_the_item_of_context_that_has_changed(notebook, server):
    """A value, by the name under which it goes along."""
    notebook.shell.user_ns["rows"] = [1, 2, 3]
    notebook.ask("What is it?", vars=("rows",))
    again = notebook.restarted("only", DEEPSEEK_BASE_URL=server.url)
    again.shell.user_ns["rows"] = [1, 2, 4]
    with pytest.raises(NotKept, match=r"kept question \(the notebook, 20.*\) differs in the context rows;"):
        again.ask("What is it?", vars=("rows",))


def test_auto_says_why_it_asks_what_was_asked_before(notebook, server):
    """A question that is new needs no reason."""
    notebook.shell.user_ns["rows"] = [1, 2, 3]
    notebook.ask("What is it?", vars=("rows",), no_memory=True)
    again = notebook.restarted("auto", DEEPSEEK_BASE_URL=server.url, DEEPSEEK_API_KEY="sk-1")
    again.shell.user_ns["rows"] = [1, 2, 4]
    (said,) = again.ask("What is it?", vars=("rows",), no_memory=True)[0].notices
    assert said.startswith("Asked, because the nearest kept question (the notebook, 20")
    assert said.endswith(") differs in the context rows.")
    assert again.ask("Another?", no_memory=True)[0].notices == ()


def test_only_with_nothing_kept(notebook):
    """The file holds no reply yet."""
    with pytest.raises(NotKept, match=r"nothing is kept; --replay auto asks the endpoint$"):
        notebook.ask("Hi", replay="only")


def test_only_where_the_notebook_has_no_file_that_is_known(notebook, tmp_path):
    """As under nbconvert: its outputs are not found, and the line says so; a record would be."""
    del notebook.shell.user_ns["__vsc_ipynb_file__"]
    with pytest.raises(
        NotKept, match=r"nothing is kept \(the notebook's file is not known here; a record always is: %config"
    ):
        notebook.ask("Hi", replay="only")
    with pytest.raises(NotKept, match=r"nothing is kept; --replay auto"):
        notebook.ask("Hi", replay="only", record=str(tmp_path / "answers.db"))


def test_auto_asks_where_nothing_fits(notebook, server):
    """And needs a key only then."""
    notebook.ask("Hi", no_memory=True)
    again = notebook.restarted("auto", DEEPSEEK_BASE_URL="https://api.deepseek.com")
    with pytest.raises(MissingKey):
        again.ask("Hi", no_memory=True)
    again.session.environ = {"DEEPSEEK_BASE_URL": server.url, "DEEPSEEK_API_KEY": "sk-1"}
    assert again.ask("Hi", no_memory=True)[0].kept == "notebook"
    assert again.ask("Ho", no_memory=True)[0].kept == ""


def test_the_file_counts_as_it_stood_at_the_first_look(notebook, server):
    """The front end saves emptied outputs over it while the cells run."""
    for text in ("one", "two"):
        notebook.ask(text)
    again = notebook.restarted("only", DEEPSEEK_BASE_URL=server.url)
    again.ask("one")
    again.path.write_text('{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', encoding="utf-8")
    assert again.ask("two")[0].kept == "notebook"


def test_the_same_request_in_several_cells_finds_the_reply_of_each(notebook, server):
    """In the order of the page, where the front end does not say which cell asks."""
    server.enqueue(*(reply(text) for text in ("a", "b", "c")))
    for _ in range(3):
        notebook.ask("Roll a die", no_memory=True)
    again = notebook.restarted("only", DEEPSEEK_BASE_URL=server.url)
    assert [again.ask("Roll a die", no_memory=True)[0].text for _ in range(4)] == ["a", "b", "c", "c"]


@pytest.mark.parametrize("ending", ["length", "content_filter"])
def test_a_reply_that_was_cut_is_not_kept(notebook, server, ending):
    """Nor is one that failed or is empty."""
    server.enqueue(reply("half", finish=ending), reply("", "thought only"))
    for text in ("Hi", "Ho"):
        notebook.ask(text, no_memory=True)
    again = notebook.restarted("only", DEEPSEEK_BASE_URL=server.url)
    for text in ("Hi", "Ho"):
        with pytest.raises(NotKept, match="nothing is kept"):
            again.ask(text, no_memory=True)


def changed(notebook, change):
    """Change the block of the first saved reply by hand."""
    page = nbformat.read(notebook.path, 4)
    change(page.cells[0].outputs[0])
    nbformat.write(page, notebook.path)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: one.data.update({"text/plain": "evil"}), "was changed since it was kept"),
        (lambda one: one.metadata.deepseek_magic.update(model="evil"), "was changed since it was kept"),
        (lambda one: one.metadata.deepseek_magic.update(version=2), "is of a newer version"),
        (lambda one: one.metadata.deepseek_magic.update(version="x"), "is of another version"),
    ],
)
def test_a_changed_or_foreign_block_is_skipped_with_a_line(notebook, server, change, why):
    """It is asked for again, and the reader is told why."""
    notebook.ask("Hi", no_memory=True)
    again = notebook.restarted("auto", DEEPSEEK_BASE_URL=server.url, DEEPSEEK_API_KEY="sk-1")
    changed(again, change)
    found, _ = again.ask("Hi", no_memory=True)
    assert found.kept == ""
    assert found.notices == (f"1 saved reply of the notebook not used: each {why}.",)
    assert again.ask("Ho", no_memory=True)[0].notices == ()


def test_a_file_that_is_no_notebook_is_said_once(notebook, server):
    """And the question is asked."""
    notebook.path.write_text("{", encoding="utf-8")
    found, _ = notebook.ask("Hi", replay="auto")
    said = f"No reply of the notebook's file is used: {notebook.path.name} is not a notebook."
    assert found.notices == (said,)
    assert notebook.ask("Ho", replay="auto")[0].notices == ()


def test_a_value_is_checked_by_the_schema_of_today(notebook, server, shell):
    """The same words of a schema, whose class checks more now."""

    class A(pydantic.BaseModel):
        a: int

    shell.user_ns["A"] = A
    server.enqueue(reply('{"a": 3}'))
    notebook.ask("Give one", schema="A")

    class Stricter(pydantic.BaseModel):
        a: int

        @pydantic.field_validator("a")
        @classmethod
        def small(cls, value):
            """Refuse 3."""
            if value == 3:
                raise ValueError("3 is too much")
            return value

    Stricter.__name__ = Stricter.__qualname__ = "A"
    again = notebook.restarted("only", DEEPSEEK_BASE_URL=server.url)
    again.shell.user_ns["A"] = Stricter
    with pytest.raises(
        DoesNotFit, match=r"the kept reply does not fit what is asked for: .*3 is too much.*--fresh asks"
    ):
        again.ask("Give one", schema="A")


def test_an_unmarked_server_model_needs_no_network(shell, tmp_path):
    """A server that names its one model is not asked for it."""
    with FaultServer(strict=False) as server:
        server.enqueue(normal)
        environ = {"DEEPSEEK_BASE_URL": f"{server.url}/v1", "DEEPSEEK_MODEL": "llama"}
        first = Notebook(shell, tmp_path / "a.ipynb", "off", environ)
        first.ask("Hi")
        again = first.restarted("only", **environ)
        assert again.ask("Hi")[0].kept == "notebook"
        assert len(server.requests) == 1


def test_a_change_of_the_model_is_said_once(notebook, server):
    """A fresh answer's fingerprint is not that of the kept one; later answers of the same model say nothing."""

    def of(fingerprint):
        def answered(request):
            made = reply("text")
            steps = tuple(
                step.replace(b"0123456789abcdef0123456789abcdef", fingerprint.encode())
                if isinstance(step, bytes)
                else step
                for step in made.steps
            )
            return replace(made, steps=steps)

        return answered

    for text in ("one", "two"):
        server.enqueue(of("fp_old"))
        notebook.ask(text, no_memory=True)
    again = notebook.restarted("auto", DEEPSEEK_BASE_URL=server.url, DEEPSEEK_API_KEY="sk-1")
    again.ask("one", no_memory=True)
    notices = []
    for text in ("one", "two"):
        server.enqueue(of("fp_new"))
        notices.append(again.ask(text, no_memory=True, fresh=True)[0].notices)
    (said,) = notices[0]
    assert said.startswith("Since 20")
    assert said.endswith("deepseek-flash has changed: its fingerprint is different.")
    assert notices[1] == ()


@pytest.mark.parametrize("source", ["notebook", "record"])
def test_a_summary_of_the_oldest_turns_is_kept_as_well(notebook, server, source, tmp_path):
    """In a new kernel the requests that hold it are the same again; the note on it is, too."""
    summaries = iter(range(1, 20))

    def answer(request):
        asks = (texts(request)[-1] or "").startswith("Before we go on: summarise")
        return reply(f"summary {next(summaries)}" if asks else f"answer to {texts(request)[-1]} " + "word " * 20)

    server.repeat(answer)
    config = {"overflow": "summarise", "history_tokens": 160}
    config |= {"record": str(tmp_path / "answers.db")} if source == "record" else {}
    asked = [f"question {n}" for n in range(8)]

    def put(book, text, **options):
        heard = Heard()
        found = ask(
            book.session, Ask(text, {"replay": book.replay, **options}, config, Kernel(book.shell), renderer=heard)
        )
        metadata = heard.ending.metadata
        book.outputs.append(nbformat.v4.new_output("display_data", bundle(heard.ending), metadata=metadata))
        return found, heard

    first = [put(notebook, text) for text in asked]
    assert next(summaries) > 2
    requests = len(server.requests)
    if source == "record":
        notebook.outputs.clear()
    again = notebook.restarted("only", DEEPSEEK_BASE_URL=server.url)
    for text, (found, heard) in zip(asked, first, strict=True):
        kept, shown = put(again, text)
        assert (kept.text, kept.kept) == (found.text, source)
        assert same_but_for_the_footer(heard.ending, shown.ending), text
    assert len(server.requests) == requests
