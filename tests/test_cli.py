"""The command, as a shell runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deepseek_magic.cli import main
from deepseek_magic.record.database import Database
from deepseek_magic.record.json_lines import dumped
from deepseek_magic.version import __version__
from tests.faults import NORMAL_TEXT, Close, Fault, FaultServer, Hang, deltas, named, reply, stream
from tests.record.test_database import KEPT
from tests.terminal import Terminal

pytestmark = pytest.mark.kernel  # a process for each


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DEEPSEEK_")}
    return {**kept, "HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", **more}


def run(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "deepseek_magic", *words]
    return subprocess.run(command, env=environment(home, **more), capture_output=True, timeout=180, check=False)


def test_ask_writes_the_answer_and_nothing_else(tmp_path: Path, server: FaultServer) -> None:
    server.enqueue(reply("An **answer** 🚀.", reasoning="hm"))
    done = run(
        tmp_path, "ask", "--base-url", server.url, "--top-p", "0.99", "what", "is", "it?", PYTHONIOENCODING="utf-8"
    )
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "An **answer** 🚀.\n", b"")
    assert server.requests[0].json["messages"][-1]["content"] == "what is it?"
    assert server.requests[0].json["top_p"] == 0.99


def test_a_setting_without_effect_is_told_beside_the_answer(tmp_path: Path, server: FaultServer) -> None:
    done = run(tmp_path, "ask", "--base-url", server.url, "-t", "0.5", "hi")
    assert done.stdout.decode().strip() == NORMAL_TEXT
    assert done.stderr.decode().startswith("deepseek-magic: The temperature has no effect")
    assert server.requests[0].json["temperature"] == 0.5


LONG = "Averages of many independent draws are distributed almost like a bell curve. " * 4
CODE = "print('" + "a rather long line of code " * 6 + "')"
CHINESE = "平均值服从正态分布，" * 9


@pytest.mark.parametrize(("columns", "colours"), [(60, {}), (80, {"NO_COLOR": "1"}), (120, {})])
def test_in_a_terminal_lines_are_broken_at_words(
    tmp_path: Path, server: FaultServer, columns: int, colours: dict[str, str]
) -> None:
    """Chinese between its characters; thinking behind a bar, dim where colours may be sent; code stays as it is."""
    server.enqueue(reply(f"{LONG}\n\n```python\n{CODE}\n```\n\n{CHINESE}\n", LONG))
    terminal = Terminal(tmp_path, server, "-m", "deepseek_magic", "ask", "hi", columns=columns, **colours)
    sent = terminal.end().replace("\r\n", "\n")
    assert ("\x1b" in sent) is (not colours)
    lines = re.sub(r"\x1b\[\d+m", "", sent).splitlines()
    thought = [line.removeprefix("│ ") for line in lines if line.startswith("│ ")]
    assert " ".join(thought).split() == ["Thinking:", *LONG.split()]
    answer = lines[lines.index("") + 1 :]
    prose, (fence, code, *_) = answer[: answer.index("")], answer[answer.index("") + 1 :]
    assert len(prose) >= 3
    assert " ".join(prose).split() == LONG.split()
    assert (fence, code) == ("```python", CODE)
    chinese = [line for line in lines if "平" in line or "值" in line]
    assert "".join(chinese) == CHINESE
    assert not any(line.startswith("，") for line in chinese)
    assert max(len(line) for line in prose + thought) <= columns
    assert max(2 * len(line) for line in chinese) <= columns


@pytest.mark.parametrize("text", ["So far", ""])
def test_a_notice_in_a_terminal_is_in_the_words_of_a_shell(tmp_path: Path, server: FaultServer, text: str) -> None:
    server.enqueue(stream(*deltas(text, "I think"), Close()))
    sent = Terminal(tmp_path, server, "-m", "deepseek_magic", "ask", "hi").end()
    assert "%" not in sent
    assert ("Incomplete. Ask again for the rest" if text else "No answer yet. Ask again.") in sent
    assert sent.count("in the middle of the reply") == 1


def test_options_of_the_notebook_are_none_of_the_shell(tmp_path: Path, server: FaultServer) -> None:
    done = run(tmp_path, "ask", "--base-url", server.url, "--vars", "f", "hi")
    assert done.returncode == 2
    assert b"--vars" in done.stderr
    assert not server.requests


def test_a_narrow_encoding_costs_no_text(tmp_path: Path, server: FaultServer) -> None:
    server.enqueue(reply("before 🚀 after"))
    done = run(tmp_path, "ask", "--base-url", server.url, "hi", PYTHONIOENCODING="cp1252")
    assert done.returncode == 0
    assert done.stdout == b"before \\U0001f680 after\n"


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path, server: FaultServer) -> None:
    server.enqueue(reply("line\n" * 50_000, pieces=4000))
    ask = [sys.executable, "-m", "deepseek_magic", "ask", "--base-url", server.url, "hi"]
    with subprocess.Popen(ask, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ask", "hi"), "no key for api.deepseek.com"),
        (("ask", "  "), "no question"),
        (("ask", "-t", "9", "hi"), "--temperature: expected a number from 0 to 2"),
        (("ask", "--base-url", "nowhere", "hi"), "bad URL"),
        (("serve", "--port", "99999"), "cannot listen on port 99999"),
        (("serve", "--pace", "-1"), "--pace: expected seconds"),
    ],
)
def test_errors_are_one_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = run(tmp_path, *words)
    (line,) = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert line.startswith("deepseek-magic: ")
    assert said in line
    assert done.stdout == b""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            (),
            "a command is missing: ask, pick, search, fetch, history, record, doctor, serve, demo; "
            "deepseek-magic -h describes them",
        ),
        (("help",), "deepseek-magic -h describes the commands"),
        (("ak", "hi"), "there is no command ak: did you mean ask?"),
        (("what is x?",), "there is no command 'what is x?'; to ask: deepseek-magic ask \"what is x?\""),
        (("ask",), "there is no question: write it after the options; - reads it from standard input"),
        (
            ("ask", "--modle", "x", "hi"),
            "unknown option --modle: did you mean --model? (-- before the question ends the ",
        ),
        (("ask", "--as", "json", "hi"), "--as needs a notebook; deepseek-magic ask -h lists what does not"),
        (("ask", "--api-key", "sk-1", "hi"), "unknown option --api-key: the key is taken from the variable"),
        (("ask", "hi", "-t"), "--temperature needs a value: expected a number from 0 to 2"),
        (("serve", "--port", "abc"), "--port: expected the number of a port, 0 for any, found 'abc'"),
        (("serve", "--pace", "fast"), "--pace: expected seconds from 0 to 10, found 'fast'"),
        (("pick", "--chat", "a", "b"), "number: expected the number of an answer, found 'b'"),
        (("pick",), "pick needs --chat NAME and NUMBER; deepseek-magic pick -h describes it"),
        (("history", "words"), "history needs --record FILE; deepseek-magic history -h describes it"),
        (("search",), "search needs WORDS; deepseek-magic search -h describes it"),
        (("demo", "--foo"), "unknown option --foo: -h lists them\n"),
        (("demo", "--lba"), "unknown option --lba: did you mean --lab?\n"),
        (("doctor", "--jsno"), "unknown option --jsno: did you mean --json?\n"),
        (
            ("ask", "--dyr-run", "hi"),
            "unknown option --dyr-run: did you mean --dry-run, which needs a notebook? (-- be",
        ),
        (("version",), "there is no command version: deepseek-magic --version shows it"),
        (("login",), "there is no command login: the key is taken from the variable DEEPSEEK_API_KEY"),
        (("models",), "there is no command models in a shell: in a notebook it is %deepseek_models"),
        (("fix", "my code"), "there is no command 'fix'; to ask: deepseek-magic ask \"fix my code\""),
    ],
)
def test_a_line_that_cannot_be_read_is_one_line_without_the_usage(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = run(tmp_path, *words)
    written = done.stderr.decode()
    assert done.returncode == 2
    assert written.startswith(f"deepseek-magic: {said}")
    assert written.count("\n") == 1
    assert done.stdout == b""


def test_a_name_that_no_conversation_can_have_leaves_no_file(tmp_path: Path, server: FaultServer) -> None:
    done = run(tmp_path, "ask", "--base-url", server.url, "--chat", "list", "hi")
    assert done.returncode == 1
    assert b"--chat: 'list' cannot be the name of a conversation: choose another" in done.stderr
    assert not list(tmp_path.rglob("list.json"))
    assert server.requests == []


def test_a_stop_keeps_the_text_and_has_the_status_of_an_interrupt(tmp_path: Path, server: FaultServer) -> None:
    server.enqueue(Fault((*deltas("The reply begins"), Hang())))
    ask = [sys.executable, "-m", "deepseek_magic", "ask", "--base-url", server.url, "hi"]
    with subprocess.Popen(ask, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        begun = process.stdout.read(len("The reply begins"))
        process.send_signal(signal.SIGINT)
        assert (begun, process.stderr.read()) == (
            b"The reply begins",
            b"deepseek-magic: stopped; the text so far is kept\n",
        )
        assert process.wait(60) == 130


def test_a_broken_stream_keeps_what_came_and_fails(tmp_path: Path, server: FaultServer) -> None:
    server.enqueue(*named("close-in-mid-text"))
    done = run(tmp_path, "ask", "--base-url", server.url, "hi")
    assert done.returncode == 1
    assert done.stdout.startswith(b"The reply begins")
    assert b"broke in the middle" in done.stderr


def test_serve_answers_and_ends_on_an_interrupt(tmp_path: Path) -> None:
    serve = [sys.executable, "-m", "deepseek_magic", "serve", "--port", "0", "--pace", "0"]
    with subprocess.Popen(serve, env=environment(tmp_path), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        done = run(tmp_path, "ask", "--base-url", url, "Compare a list, a tuple, a set and a dict in a small table.")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert b"| **list** |" in done.stdout


def test_the_demo_runs_the_quickstart(tmp_path: Path) -> None:
    """In a kernel, with the replies on the terminal, the executed notebook and its page in the folder."""
    done = run(tmp_path, "demo", "--output", str(tmp_path / "out"))
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "(there is no key)" in said
    assert r"\mathcal{N}(0, 1)" in said
    assert re.search(r"^Thinking · \d+ s · (about )?\d+ tokens$", said, re.MULTILINE)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "quickstart-executed.html",
        "quickstart-executed.ipynb",
    ]


def test_version(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").stdout.decode().strip() == f"deepseek-magic {__version__}"


def test_the_demo_formats_its_replies_in_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, None, "-m", "deepseek_magic", "demo", "--output", str(tmp_path / "out"))
    terminal.child.timeout = 120
    sent = terminal.end()
    assert terminal.child.exitstatus == 0
    assert "•" in sent  # an item of a list
    assert "─────" in sent  # below the head of a table
    assert "│ Thinking: " in terminal.lines
    assert "Saved " in terminal.lines
    assert "**" not in terminal.lines
    assert "```" not in terminal.lines


def test_the_doctor_says_what_is_wrong_by_its_status_too(tmp_path: Path, server: FaultServer) -> None:
    done = run(tmp_path, "doctor", "--base-url", server.url)
    lines = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr) == (0, b"")
    assert lines[-1] == "doctor: all fine"
    assert f"settings: fine: {server.url}, model deepseek-flash" in lines
    assert not any("%deepseek" in line for line in lines)
    server.repeat(Fault((), status=404))
    done = run(tmp_path, "doctor", "--json", "--base-url", server.url)
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"]) == (1, False)
    (wrong,) = [finding for finding in told["findings"] if finding["state"] == "wrong"]
    assert wrong["check"] == "endpoint"


def test_a_record_answers_in_a_shell(tmp_path: Path, server: FaultServer) -> None:
    """The next process gives the same text, without a request and without a key; --fresh asks again."""
    ask = ("ask", "--base-url", server.url, "--record", str(tmp_path / "answers.db"))
    first = run(tmp_path, *ask, "hi")
    count = len(server.requests)
    for more in (("--replay", "only"), ("--replay", "auto")):
        again = run(tmp_path, *ask, *more, "hi")
        assert (again.returncode, again.stdout) == (0, first.stdout)
    assert run(tmp_path, *ask, "hi", DEEPSEEK_REPLAY="only").stdout == first.stdout
    missed = run(tmp_path, *ask, "--replay", "only", "other")
    assert (missed.returncode, missed.stdout) == (1, b"")
    assert missed.stderr.startswith(b"deepseek-magic: not asked (--replay only): no answer to this question is kept")
    assert len(server.requests) == count
    assert run(tmp_path, *ask, "--replay", "auto", "--fresh", "--no-record", "hi").returncode == 0
    assert len(server.requests) == count + 1


def test_a_record_is_looked_into_from_a_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Answers are shown as they are; what a notebook would do is said in the words of a shell."""
    path = tmp_path / "answers.db"
    database = Database(path)
    replies = ((1, "of hills", "run the cell again"), (2, "of rivers", "two"))
    database.add_all(
        replace(KEPT, request=f"{n:064}", question=asked, text=text, rounds=()) for n, asked, text in replies
    )
    database.close()

    def said(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--record", str(path)])
        return status, *capsys.readouterr()

    _, shown, _ = said("history")
    assert [line.split(" · ")[0] for line in shown.splitlines()[1::2]] == ["2", "1"]
    assert said("history", "of hills", "cell")[1].endswith("· of hills\n\nof hills\n\nrun the cell again\n")
    assert said("history", "none")[2].endswith("try fewer words, or no words for the newest\n")
    assert said("record")[1].startswith("Record answers.db: 2 replies, ")
    assert said("record", "export", str(tmp_path / "out.jsonl"))[1].startswith("2 replies written to ")
    assert said("record", "forget", "1")[1] == "Reply 1 was removed from the record.\n"
    assert said("record", "prune", "--older", "x")[2].startswith("deepseek-magic: record prune: expected how many days")
    assert said("record", "--older", "3d", "export", "x.jsonl")[2].startswith(
        "deepseek-magic: record: --older goes with"
    )
    assert said("record", "drop")[2].startswith("deepseek-magic: record: expected export FILE.jsonl, import")
    assert said("record", "forget", "7")[2].endswith("deepseek-magic record --record FILE lists the newest by number\n")
    assert said("record", "prune", "--older", "1d")[1].endswith("older than 1 days removed from the record.\n")
    path = tmp_path / "out.jsonl"
    assert "of rivers" in said("history", "rivers")[1]
    assert said("record")[2].endswith("is only read: give --record a .db file, and import the lines there\n")
    path = tmp_path / "none.db"
    assert said("history")[2] == f"deepseek-magic: there is no record {path}: name another file by --record\n"
    assert not path.exists()


def test_words_of_history_and_record_stand_where_they_like(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Behind an option, and with dashes; the next cell is a notebook's."""
    path, lines = str(tmp_path / "answers.db"), tmp_path / "out.jsonl"
    database = Database(Path(path))
    database.add_all([replace(KEPT, question="why --foo?", text="%deepseek_record" + "x" * 30_000, rounds=())])
    database.close()

    def said(*words: str) -> tuple[int, str, str]:
        status = main(list(words))
        return status, *capsys.readouterr()

    assert said("record", "export", "--record", path, str(lines))[1].startswith("1 reply written to ")
    shown = said("history", "--record", path, "--", "--foo")[1]
    assert "\n\n%deepseek_recordxx" in shown
    assert shown.endswith(" more characters: deepseek-magic record --record FILE export writes all of it)\n")
    assert said("history", "--record", str(lines))[1].endswith(" more characters: the record's file holds all of it)\n")
    status, shown, told = said("history", "--record", path, "--", "3", "--again")
    assert (status, shown) == (1, "")
    assert told.startswith("deepseek-magic: history: --again puts a question into the next cell, which only a notebook")


def test_lines_that_are_not_used_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside what is found, and where nothing is."""
    lines = tmp_path / "g.jsonl"
    lines.write_text("{\n", encoding="utf-8")
    assert main(["history", "--record", str(lines)]) == 1
    assert "g.jsonl holds no reply (1 line of g.jsonl not used: each is not JSON): name" in capsys.readouterr().err
    lines.write_text("{\n" + dumped(KEPT) + "\n", encoding="utf-8")
    assert main(["history", "--record", str(lines)]) == 0
    assert capsys.readouterr().err == "deepseek-magic: 1 line of g.jsonl not used: each is not JSON.\n"
