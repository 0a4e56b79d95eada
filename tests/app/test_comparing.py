"""One question asked in several ways at once: answers, failures, stops, limits, values, replay, and what stands."""

from __future__ import annotations

import json
import pickle
import signal
import sys
import threading

import pytest
from IPython.lib.pretty import pretty

from deepseek_magic import Reply
from deepseek_magic.api.events import TextDelta
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.side_by_side import Answers
from deepseek_magic.commands import ask_command as road
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.chat_command import command as chat_command
from deepseek_magic.errors import (
    CostLimit,
    DeepSeekError,
    InsufficientBalance,
    Interrupted,
    MissingKey,
    NotKept,
    OptionError,
    QuestionError,
)
from deepseek_magic.notebook.kernel import Kernel
from tests.app.asking import texts
from tests.app.pages import Page, PageCell
from tests.faults import Close, Hang, api_error, deltas, error, finish, reply, stream

MODELS = "--compare deepseek-flash,deepseek-v4-pro"


@pytest.fixture
def compare(session, shell, capsys):
    """Asks a line; returns the answers. What was printed is in ``capsys``."""

    def run(line: str, **config):
        return road.command(Call(session, {"renderer": "plain", **config}, Kernel(shell), line)).value

    return run


@pytest.fixture
def chat(session, shell):
    return lambda line: chat_command(Call(session, {}, Kernel(shell), line)).show


def by_model(server, **faults):
    """Answer each model as scripted; others, and later questions, with what they were asked."""
    scripts = {name.replace("_", "-"): fault for name, fault in faults.items()}
    server.repeat(lambda request: scripts.get(request.json["model"]) or reply(f"{request.json['model']} says so"))


def test_each_column_has_its_own_request_answer_and_footer(server, session, shell, compare, capsys):
    by_model(server)
    answers = compare(f"{MODELS} -o both Which is better?")
    assert {request.json["model"] for request in server.requests} == {"deepseek-flash", "deepseek-v4-pro"}
    assert {text for request in server.requests for text in texts(request)} == {"Which is better?"}
    assert isinstance(answers, dict)
    assert [answer.text for answer in answers.values()] == ["deepseek-flash says so", "deepseek-v4-pro says so"]
    assert all(isinstance(answer, Reply) for answer in answers.values())
    assert shell.user_ns["both"] == answers
    assert answers.errors == {}
    printed = capsys.readouterr().out
    first, second = printed.index("--- 1 · deepseek-flash ---"), printed.index("--- 2 · deepseek-v4-pro ---")
    assert first < printed.index("deepseek-flash says so") < second < printed.index("deepseek-v4-pro says so")
    assert printed.count("20 out") == 2
    assert printed.endswith(
        "-- 2 answers · answer 1 is kept as turn 1 of conversation main; %deepseek_chat pick N keeps another\n"
    )
    assert sum(tally.replies for tally in session.tallies.by_model.values()) == 2


def test_the_first_answer_stands_until_another_is_picked(server, compare, chat, capsys):
    by_model(server)
    compare(f"{MODELS} One?")
    compare("Two?")
    assert texts(server.requests[-1]) == ["One?", "deepseek-flash says so", "Two?"]
    assert (
        "[This goes on from answer 1 of the comparison (deepseek-flash); %deepseek_chat pick N"
        in capsys.readouterr().out
    )
    compare("Three?")
    assert "This goes on from" not in capsys.readouterr().out
    (listed,) = chat("pick")
    assert [line.split()[:2] for line in listed.data["text/plain"].splitlines()[2:]] == [
        ["1", "deepseek-flash"],
        ["2", "deepseek-v4-pro"],
    ]
    assert listed.data["text/plain"].splitlines()[2].endswith("turn 1")
    (said,) = chat("pick 2")
    assert said.startswith("Conversation main: answer 2 (deepseek-v4-pro) is turn 1, which later questions go on from.")
    assert said.endswith("2 later turns were answered with another.")
    compare("Four?")
    assert texts(server.requests[-1])[:2] == ["One?", "deepseek-v4-pro says so"]


def test_what_was_picked_is_the_last_reply(server, session, compare, chat):
    by_model(server, deepseek_v4_pro=reply("```python\nx = 2\n```"))
    compare(f"{MODELS} Code?")
    assert session.conversations.latest.last_reply.text == "deepseek-flash says so"
    chat("pick 2")
    conversation = session.conversations.latest
    assert conversation.last_reply.code == "x = 2"
    assert conversation.last_ending.text == "```python\nx = 2\n```"
    assert conversation.last_sent.request.settings.model == "deepseek-v4-pro"
    for line, words in (
        ("pick 3", "no answer 3 to pick in conversation main: expected one of 1, 2"),
        ("pick x", "expected"),
    ):
        with pytest.raises((QuestionError, OptionError), match=words):
            chat(line)
    chat("undo")
    with pytest.raises(QuestionError, match="nothing to pick from"):
        chat("pick")


def test_the_last_comparison_is_shown_again_whole_until_one_is_picked(server, compare, chat):
    by_model(server)
    compare(f"{MODELS} One?")
    (card,) = chat("show")
    assert card.data["text/html"].count('class="deepseek-column"') == 2
    assert "[2 · deepseek-v4-pro]\n\ndeepseek-v4-pro says so" in card.data["text/plain"]
    chat("pick 2")
    (card,) = chat("show")
    assert card.data["text/plain"] == "deepseek-v4-pro says so"
    compare("Two?")
    (card,) = chat("show")
    assert card.data["text/plain"] == "deepseek-flash says so"


def test_one_column_that_fails_says_so_and_the_other_goes_on(server, session, compare, chat, capsys):
    by_model(server, deepseek_flash=error(402, api_error("Insufficient Balance")))
    answers = compare(f"{MODELS} One?")
    assert answers["deepseek-flash"] is None
    assert answers["deepseek-v4-pro"].text == "deepseek-v4-pro says so"
    assert list(answers.errors) == ["deepseek-flash"]
    printed = capsys.readouterr().out
    assert f"[{answers.errors['deepseek-flash']}]" in printed
    assert "answer 2 is kept as turn 1 of conversation main\n" in printed
    by_model(server)
    compare("Two?")
    assert texts(server.requests[-1]) == ["One?", "deepseek-v4-pro says so", "Two?"]
    with pytest.raises(QuestionError, match="expected one of 2"):
        chat("pick 1")


def test_a_column_that_breaks_off_keeps_its_text_and_can_be_picked_and_continued(
    server, session, compare, chat, capsys
):
    by_model(server, deepseek_v4_pro=stream(*deltas("Half of an"), Close()))
    answers = compare(f"{MODELS} One?")
    assert answers["deepseek-v4-pro"].text == "Half of an"
    printed = capsys.readouterr().out
    go_on = "%deepseek_chat pick 2 keeps it, and %deepseek_continue goes on with it then."
    assert f"[Incomplete: {answers.errors['deepseek-v4-pro']}. {go_on}]" in printed
    chat("pick 2")
    assert session.conversations.latest.can_go_on


def test_where_every_column_fails_the_cell_does(server, session, compare):
    by_model(
        server,
        deepseek_flash=error(402, api_error("Insufficient Balance")),
        deepseek_v4_pro=error(402, api_error("Insufficient Balance")),
    )
    with pytest.raises(InsufficientBalance) as failed:
        compare(f"{MODELS} -o none One?")
    assert list(failed.value.reply) == ["deepseek-flash", "deepseek-v4-pro"]
    assert session.conversations.named().transcript.turns == ()


def test_without_a_key_nothing_is_shown(monkeypatch, server, compare, capsys):
    monkeypatch.delenv("DEEPSEEK_API_KEY")
    monkeypatch.delenv("DEEPSEEK_BASE_URL")
    with pytest.raises(MissingKey):
        compare(f"{MODELS} One?")
    assert capsys.readouterr().out == ""


def test_a_stop_ends_all_and_keeps_what_came(server, session, shell, compare, capsys):
    """Also of a column that is silent; the main thread alone gets the stop."""
    by_model(server, deepseek_flash=stream(*deltas("So far this"), Hang()), deepseek_v4_pro=stream(Hang()))
    before, written = signal.signal(signal.SIGINT, signal.default_int_handler), sys.stdout
    ended = threading.Event()

    def stop():
        while "So far" not in written.getvalue() or len(server.requests) < 2:
            if ended.wait(0.02):
                return
        signal.raise_signal(signal.SIGINT)

    stopper = threading.Thread(target=stop)
    stopper.start()
    try:
        with pytest.raises(Interrupted, match="stopped; the text so far is kept") as stopped:
            compare(f"{MODELS} -o both One?")
    finally:
        ended.set()
        stopper.join()
        signal.signal(signal.SIGINT, before)
    answers = stopped.value.reply
    assert {name: answer and answer.text for name, answer in answers.items()} == {
        "deepseek-flash": "So far this",
        "deepseek-v4-pro": None,
    }
    assert shell.user_ns["both"] == answers
    assert "[Incomplete." in capsys.readouterr().out
    assert [turn.state for turn in session.conversations.named().transcript.turns] == ["interrupted"]


def test_values_are_bound_by_column(server, shell, compare):
    by_model(server, deepseek_flash=reply('{"a": 1}'), deepseek_v4_pro=error(402, api_error("Insufficient Balance")))
    answers = compare(f"{MODELS} --as json -o found Give a.")
    assert answers["deepseek-flash"].value == {"a": 1}
    assert shell.user_ns["found"] == {"deepseek-flash": {"a": 1}, "deepseek-v4-pro": None}
    assert list(shell.user_ns["found"].errors) == ["deepseek-v4-pro"]
    answers = compare("--compare as=text,json -o mixed Give a.")
    assert shell.user_ns["mixed"]["json"] == {"a": 1}
    assert shell.user_ns["mixed"]["text"].text == '{"a": 1}'


def test_kept_answers_are_shown_again_column_by_column(server, compare, capsys):
    by_model(server)
    compare(f"{MODELS} --no-memory One?")
    sent = len(server.requests)
    answers = compare("--compare deepseek-flash,deepseek-v4-pro,another --replay auto --no-memory One?")
    assert [request.json["model"] for request in server.requests[sent:]] == ["another"]
    assert [answer.kept for answer in answers.values()] == ["memory", "memory", ""]
    assert capsys.readouterr().out.count("kept since") == 2
    with pytest.raises(NotKept, match="differs in the model") as missing:
        compare("--compare deepseek-flash,a-third --replay only --no-memory One?")
    assert missing.value.reply["deepseek-flash"].text == "deepseek-flash says so"
    assert len(server.requests) == sent + 1


def test_a_record_keeps_each_column(server, session, tmp_path, compare):
    by_model(server)
    compare(f"{MODELS} One?", record=str(tmp_path / "answers.db"))
    record = session.files.record(str(tmp_path / "answers.db"))
    kept = {one.model: (one.text, one.conversation, one.turn) for one in record.newest()}
    assert {text for text, _, _ in kept.values()} == {"deepseek-flash says so", "deepseek-v4-pro says so"} or len(
        kept
    ) == 1
    assert sorted((conversation, turn) for _, conversation, turn in kept.values())[-1] == ("main", 1)


def test_a_limit_on_the_cost_counts_all_columns(server, session, compare, tmp_path):
    prices = tmp_path / "prices.json"
    price = {"cache_miss": 100, "output": 1000}
    prices.write_text(json.dumps({"as_of": "2026-12-01", "models": {"a": price, "b": price}}))
    by_model(server)
    with pytest.raises(CostLimit, match="not asked: the prompts of 2 columns alone cost about"):
        compare("--compare a,b --max-cost 0.0007 One question of a few words?", prices=str(prices))
    assert server.requests == []
    by_model(server, a=stream(*deltas("word " * 400), *finish()), b=stream(*deltas("word " * 400), *finish()))
    with pytest.raises(CostLimit, match=r"stopped at --max-cost 0\.3"):
        compare("--compare a,b --max-cost 0.3 One question?", prices=str(prices))
    alone = compare("-m a --max-cost 0.5 One question?", prices=str(prices))
    assert alone.text == "word " * 400


def test_a_dry_run_shows_what_each_column_would_send(server, session, shell):
    line = "--compare think=off,high --dry-run One?"
    result = road.command(Call(session, {}, Kernel(shell), line))
    titles = [card.data["text/plain"].splitlines()[0] for card in result.show]
    assert titles == [
        "1 · think=off. This would be sent (a dry run: nothing was)",
        "2 · think=high. This would be sent (a dry run: nothing was)",
    ]
    assert server.requests == []


def test_outside_of_the_conversation_nothing_stands(server, session, compare, chat, capsys):
    compare(f"{MODELS} --no-memory One?")
    assert session.conversations.named().transcript.turns == ()
    assert capsys.readouterr().out.endswith("-- 2 answers\n")
    with pytest.raises(QuestionError, match="nothing to pick from"):
        chat("pick")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{MODELS} --tools shout One?", "does not go with --tools"),
        (f"{MODELS} --web One?", "does not go with --web"),
        (f"{MODELS} --bg One?", "does not go with --bg"),
        (f"{MODELS} -m a One?", "leave the option for it out"),
        ("--compare think=off,high --think low One?", "leave the option for it out"),
        (f"{MODELS} --replay only --fresh One?", "leave one of them out"),
    ],
)
def test_what_does_not_go_together_is_one_line(server, compare, line, words):
    with pytest.raises(DeepSeekError, match=words):
        compare(line)
    assert server.requests == []


@pytest.mark.parametrize("stopped", [False, True])
def test_it_waits_for_a_reply_of_the_conversation(server, session, compare, capsys, stopped):
    """Which its columns say; a stop ends the waiting only."""
    by_model(server)
    conversation, jobs = session.conversations.named(), session.conversations.jobs
    conversation.join(7)
    session.conversations.latest = before = Conversation("before")
    waited = []

    def wait_until(ready):
        waited.append(ready())
        if stopped:
            raise KeyboardInterrupt
        turn = conversation.transcript.open("Before?")
        turn.sent = "Before?"
        turn.fold((TextDelta("So."),))
        conversation.transcript.close(turn, "complete")
        conversation.underway.clear()

    jobs.wait_until = wait_until
    if stopped:
        with pytest.raises(Interrupted, match="stopped waiting for job 7, which goes on; nothing was asked"):
            compare(f"{MODELS} One?")
        assert server.requests == []
        assert session.conversations.latest is before
        return
    answers = compare(f"{MODELS} One?", renderer="display")
    assert waited == [False]
    assert {tuple(texts(request)) for request in server.requests} == {("Before?", "So.", "One?")}
    assert len(answers) == 2
    assert session.conversations.latest is conversation
    compare(f"{MODELS} --no-memory Two?")
    assert waited == [False]


def test_code_is_offered_by_a_pick(server, shell, compare, chat, capsys):
    by_model(server, deepseek_flash=reply("x = 1"), deepseek_v4_pro=reply("x = 2"))
    shell.rl_next_input = None
    compare(f"{MODELS} --as code x?")
    assert shell.rl_next_input is None
    assert "%deepseek_chat pick N keeps one, and puts its code into the next cell" in capsys.readouterr().out
    for number in (2, 1):
        chat(f"pick {number}")
        assert shell.rl_next_input == f"x = {number}"


def test_quiet_shows_nothing(server, compare, capsys):
    answers = compare(f"{MODELS} --quiet One?")
    assert len(answers) == 2
    assert capsys.readouterr().out == ""


def test_answers_can_be_copied_and_shown_again(server, compare):
    answers = compare(f"{MODELS} One?")
    copy = pickle.loads(pickle.dumps(answers))
    assert isinstance(copy, Answers)
    assert [answer.text for answer in copy.values()] == [answer.text for answer in answers.values()]
    assert "deepseek-columns" in copy._repr_html_()
    labelled = "[1 · deepseek-flash]\n\nanswer to One?\n\n[2 · deepseek-v4-pro]\n\nanswer to One?"
    assert str(copy) == pretty(copy) == labelled
    with pytest.raises(NotImplementedError):
        copy._ipython_display_()


@pytest.fixture
def page(server, shell, tmp_path):
    """A notebook whose kernels ask the server."""
    environ = {"DEEPSEEK_API_KEY": "sk-of-the-page-2", "DEEPSEEK_BASE_URL": server.url}
    made = Page(shell, tmp_path / "work.ipynb", environ)
    yield made
    made.session.close()


@pytest.mark.parametrize("picked", ["", "%deepseek_chat pick 2"])
def test_the_answer_that_stands_is_restored_out_of_the_notebook(page, server, picked):
    """The other columns are no turns; what was picked is one, whichever stood before."""
    by_model(server)
    page.ask(f"%%deepseek {MODELS}\nWhich?")
    if picked:
        page.ask(picked)
    page.ask("%deepseek And then?")
    assert page.restored().startswith("Restored from work.ipynb: main (2 turns)")
    page.run(PageCell("next", "%deepseek next?"))
    stands = "deepseek-v4-pro" if picked else "deepseek-flash"
    assert texts(server.requests[-1]) == ["Which?", f"{stands} says so", "And then?", "deepseek-flash says so", "next?"]


def test_every_column_is_answered_again_from_the_notebook(page, server):
    by_model(server)
    cell = page.ask(f"%%deepseek {MODELS}\nWhich?")
    before = cell.outputs[0]["data"]["text/plain"]
    page.save()
    page.restart()
    page.config["replay"] = "only"
    page.run(cell)
    assert len(server.requests) == 2
    assert cell.outputs[0]["data"]["text/plain"] == before
    assert cell.outputs[0]["data"]["text/html"].count(", in the notebook") == 2
    page.path.write_text(
        page.path.read_text(encoding="utf-8").replace("deepseek-v4-pro says", "deepseek-v4-pro denies")
    )
    page.restart()
    with pytest.raises(NotKept):
        page.run(cell)
    assert len(server.requests) == 2
