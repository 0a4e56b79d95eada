"""What a shell has beside a notebook: piped text, conversations in files, messages that name its own commands."""

from __future__ import annotations

import ast
import json
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import deepseek_magic
from deepseek_magic.app import shell
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.cli import main
from deepseek_magic.errors import QuestionError
from tests.chat.scripted import call, calling
from tests.faults import Fault, FaultServer, Received, api_error, document, error, named, reply
from tests.kernel import environment

pytestmark = pytest.mark.kernel  # a process for each


def ask(home: Path, server: FaultServer, *words: str, piped: bytes | None = None) -> tuple[int, str, str]:
    """Run the command and return its status, output and error output; without ``piped`` its input is a device."""
    command = [sys.executable, "-m", "deepseek_magic", "ask", "--base-url", server.url, *words]
    given = {"stdin": subprocess.DEVNULL} if piped is None else {"input": piped}
    environ = environment(home, PYTHONIOENCODING="utf-8")
    done = subprocess.run(command, env=environ, capture_output=True, timeout=60, check=False, **given)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def sent(server: FaultServer) -> list[str]:
    return [message["content"] for message in server.requests[-1].json["messages"]]


def test_what_is_piped_in_goes_along(tmp_path: Path, server: FaultServer) -> None:
    log = 'starting\nERROR 17: disk full\npassword = "hunter-2-and-more"\n'
    server.enqueue(reply("The disk is full."))
    status, out, said = ask(tmp_path, server, "what", "fails here?", piped=log.encode())
    assert (status, out) == (0, "The disk is full.\n")
    assert said == "deepseek-magic: standard input: masked: password\n"
    (message,) = sent(server)
    assert message.endswith("what fails here?")
    assert "standard input" in message
    assert "ERROR 17: disk full" in message
    assert "hunter-2" not in message
    server.enqueue(reply("yes"))
    ask(tmp_path, server, "-", piped=b"is this the question?\n")
    assert sent(server) == ["is this the question?\n"]
    server.enqueue(reply("yes"))
    ask(tmp_path, server, "what is it?", "-", piped=b"starting\n")
    assert sent(server)[0].endswith("\n\nwhat is it?")
    for word, why in (("-", "standard input is empty"), (" ", "the text is empty")):
        status, _, said = ask(tmp_path, server, word, piped=b"")
        assert (status, said) == (1, f"deepseek-magic: there is no question: expected words, and {why}\n")
    for chat in ("new", "a b"):
        status, _, said = ask(tmp_path, server, "--chat", chat, "hello")
        assert status == 1
        assert said.startswith("deepseek-magic: --chat: ")
        assert "%" not in said
    for empty in (b"", b"\n\n"):
        server.enqueue(reply("yes"))
        ask(tmp_path, server, "hello", piped=empty)
        assert sent(server) == ["hello"]


def test_much_is_cut_and_what_is_not_text_is_refused(tmp_path: Path, server: FaultServer) -> None:
    server.enqueue(reply("long"))
    status, _, said = ask(tmp_path, server, "what is it?", piped=b"a line of it\n" * 100_000)
    assert status == 0
    assert len(sent(server)[0]) < 200_000
    assert "standard input" in said
    status, out, said = ask(tmp_path, server, "what is it?", piped=bytes(range(256)) * 20)
    assert (status, out) == (1, "")
    assert said.startswith("deepseek-magic: standard input is not text")
    assert len(server.requests) == 1


def test_files_go_along_and_a_notebook_does_not(tmp_path: Path, server: FaultServer) -> None:
    (tmp_path / "notes.txt").write_text("all of the notes")
    server.enqueue(reply("noted"))
    assert ask(tmp_path, server, "-c", f"file:{tmp_path / 'notes.txt'}", "what is it?")[0] == 0
    assert "all of the notes" in sent(server)[0]
    (tmp_path / "log.txt").touch()
    status, _, said = ask(tmp_path, server, "-c", str(tmp_path / "log.txt"), "what is it?")
    assert status == 1
    assert said.endswith(f"a shell has no notebook: did you mean file:{tmp_path / 'log.txt'}?\n")
    status, _, said = ask(tmp_path, server, "-c", "file:nowhere.txt", "what is it?")
    assert status == 1
    assert said.startswith("deepseek-magic: -c file:nowhere.txt cannot be read (No such file or directory)")
    status, _, said = ask(tmp_path, server, "-c", "cells:3", "what is it?")
    assert status == 1
    assert said == "deepseek-magic: -c cells:3: a shell has no notebook: give file:PATH, or file:- for standard input\n"


def test_a_conversation_continues_from_one_command_to_the_next(tmp_path: Path, server: FaultServer) -> None:
    server.repeat(lambda request: reply(f"answer {len(request.json['messages'])}", reasoning="hm"))
    for question in ("one", "two", "three"):
        assert ask(tmp_path, server, "--chat", "trip/Rome", question)[0] == 0
    assert sent(server) == ["one", "answer 1", "two", "answer 3", "three"]
    ask(tmp_path, server, "alone")
    assert sent(server) == ["alone"]
    ask(tmp_path, server, "--chat", "trip/Rome", "--new", "afresh")
    assert sent(server) == ["afresh"]
    ask(tmp_path, server, "--chat", "trip/Rome", "and then")
    assert sent(server) == ["afresh", "answer 1", "and then"]
    (kept,) = (tmp_path / ".local/state/deepseek-magic/chats").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.name == "trip%2fRome.json"


def test_sources_keep_their_numbers_from_one_command_to_the_next(tmp_path: Path, server: FaultServer) -> None:
    """The answers before cite them."""
    page = {"title": "A page", "url": "https://a.example/page", "snippet": "s", "summary": "", "site_name": "a.example"}

    def found(request: Received) -> Fault:
        if "/tools/" in request.path:
            return document({"results": [page, {**page, "url": "https://a.example/other"}]})
        if request.json["messages"][-1]["role"] == "tool":
            return reply("It is [1].")
        return calling(call("web_search", '{"query": "it"}', "c"))

    server.repeat(found)
    for question in ("one", "two"):
        status, _, said = ask(tmp_path, server, "--chat", "web", "--web", question)
        assert status == 0, said
    told = server.requests[-1].json["messages"][-1]["content"]
    assert "[3] A page\nhttps://a.example/page" in told
    assert "[4] A page\nhttps://a.example/other" in told
    (kept,) = (tmp_path / ".local/state/deepseek-magic/chats").iterdir()
    content = json.loads(kept.read_text("utf-8"))
    assert [[one["number"] for one in turn["sources"]] for turn in content["turns"]] == [[1, 2], [3, 4]]


@pytest.fixture
def command(
    tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs the command in this process, which is quicker; returns what `ask` does."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("DEEPSEEK_BASE_URL", server.url)

    def run(*words: str) -> tuple[int, str, str]:
        status = main(words)
        return status, *capsys.readouterr()

    return run


def test_several_answers_stand_below_their_labels(server: FaultServer, command) -> None:
    refused = error(402, api_error("Insufficient Balance"))
    server.repeat(
        lambda request: refused if request.json["model"] == "b" else reply(f"{request.json['model']} says so")
    )
    status, out, said = command("ask", "--compare", "a,b,c", "which?")
    assert (status, out.replace("\n\n", "\n")) == (
        0,
        "--- 1 · a ---\na says so\n--- 2 · b ---\n\n--- 3 · c ---\nc says so\n",
    )
    assert said.startswith("deepseek-magic: b: ")
    assert "Insufficient Balance" in said
    assert said.count("\n") == 1
    status, out, said = command("ask", "--compare", "context=cells,none", "which?")
    assert (status, out) == (1, "")
    assert "a shell has no notebook" in said


def test_another_answer_is_picked(server: FaultServer, command) -> None:
    server.repeat(lambda request: reply(f"{request.json['model']} says so"))
    command("ask", "--chat", "trip", "--compare", "a,b", "which?")
    assert command("pick", "--chat", "trip", "2") == (0, "Conversation trip: answer 2 (b) is kept as the turn.\n", "")
    assert (
        command("pick", "--chat", "trip", "3")[2]
        == "deepseek-magic: there is no answer 3 to pick: expected one of 1, 2\n"
    )
    command("ask", "--chat", "trip", "and then?")
    assert sent(server) == ["which?", "b says so", "and then?"]
    for chat in ("trip", "other"):
        status, _, said = command("pick", "--chat", chat, "1")
        assert (status, said[:51]) == (1, "deepseek-magic: there is nothing to pick from in th")


def test_a_failed_question_leaves_the_conversation_as_it_was(tmp_path: Path, server: FaultServer) -> None:
    server.enqueue(reply("first"))
    ask(tmp_path, server, "--chat", "a", "one")
    server.enqueue(*named("wrong-key"))
    status, _, said = ask(tmp_path, server, "--chat", "a", "two")
    assert status == 1
    assert "%" not in said
    server.enqueue(reply("third"))
    ask(tmp_path, server, "--chat", "a", "three")
    assert sent(server) == ["one", "first", "three"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"version": 1, "turns": [], "answers": {"x": {}}}',
        '{"version": 1, "turns": [], "answers": []}',
        '{"version": 2, "turns": []}',
        '{"version": 1, "turns": [{"question": 1}]}',
        "[" * 100_000,
    ],
)
def test_a_file_that_is_not_a_conversation_is_left_alone(tmp_path: Path, content: str) -> None:
    place = tmp_path / "a.json"
    place.write_text(content)
    with pytest.raises(QuestionError, match=r"is not a conversation that this version wrote: move it away"):
        shell.load(Conversation("a"), place)
    assert place.read_text() == content


def test_a_conversation_is_what_it_was(tmp_path: Path) -> None:
    place = tmp_path / "chats" / "a.json"
    shell.load(Conversation("a"), place)  # there is none yet
    turns = [{"question": "q 🚀", "sent": "q, wrapped", "text": "a\n\u2028", "reasoning": "r", "model": "m"}]
    place.parent.mkdir()
    place.write_text(json.dumps({"version": 1, "turns": turns}), encoding="utf-8")
    conversation = Conversation("a")
    shell.load(conversation, place)
    shell.save(conversation, place)
    assert json.loads(place.read_text(encoding="utf-8")) == {"version": 1, "turns": turns}
    assert [path.name for path in place.parent.iterdir()] == ["a.json"]


def test_two_names_are_two_files() -> None:
    names = ["a", "A.b", "../a", "..", ".a", "a/b", "a%2fb", "a\\b", "ä", "会话", "-"]
    places = {shell.place_of(name, {"XDG_STATE_HOME": "/state"}) for name in names}
    assert len(places) == len(names)
    assert {place.parent for place in places} == {Path("/state/deepseek-magic/chats")}


def test_no_message_of_a_question_names_a_cell_or_a_magic() -> None:
    """Every string that an error of the rooms below may say, as a shell shows it."""
    package = Path(deepseek_magic.__file__ or "").parent
    strange = []
    for room in ("api", "chat", "settings"):
        for path in sorted((package / room).rglob("*.py")):
            # a shell has none of them (no budget, nor the help of the magics), nor the options of the commands whose
            # misspelt words are recognised
            if path.stem in ("fim", "continue_", "compared", "misspelt", "kernel_budget", "grouped"):
                continue
            for text in messages(ast.parse(path.read_text(encoding="utf-8"))):
                said = shell.in_shell(text)
                notebooks = said.startswith("%deepseek_continue cannot") or "in the background" in said
                if re.search(r"%%?deepseek|%config|\bthe cell\b", said) and not notebooks:
                    strange.append(f"{path.relative_to(package)}: {said}")
    assert strange == []


def messages(tree: ast.AST) -> list[str]:
    """Return the strings of ``tree`` that are no docstrings; what a message inserts stands as a word."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "WORD" for part in node.values]
            found.append("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented | inner:
            found.append(node.value)
    return found


def test_messages_read_well_in_a_shell() -> None:
    said = shell.in_shell(
        "no key for api.deepseek.com: set the variable DEEPSEEK_API_KEY, run %deepseek_login, "
        "or try it without one by %deepseek_demo"
    )
    assert said == (
        "no key for api.deepseek.com: set the variable DEEPSEEK_API_KEY, or try it without one: deepseek-magic serve, "
        "then --base-url"
    )
