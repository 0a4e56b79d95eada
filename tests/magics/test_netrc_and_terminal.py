"""No login of ``~/.netrc`` is used, no control sequence reaches a terminal, and a cut emoji arrives whole."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import (
    BEGUN,
    DONE,
    HOSTILE,
    NORMAL_TEXT,
    TEXT,
    THOUGHT,
    FaultServer,
    chunk,
    named,
    reply,
    stream,
    usage,
)
from tests.kernel import KEY, Kernel, environment
from tests.terminal import Terminal, in_ipython

WHOLE_EMOJI = "go 🚀!"
#: What the hostile texts of the catalogue try; none may be sent to a terminal as it is.
FORBIDDEN = ["\x1b]0;owned", "\x07", "\x1b[2J", "\x9b", "\x85", "\u202e", "\u2066", "\x08"]
_MODEL = stream(chunk({"content": "hi"}, model=HOSTILE), chunk({}, "stop", usage(), model=HOSTILE), DONE)
HOSTILE_FAULTS = {
    "text and thinking": named("escape-sequences")[0],
    "model": _MODEL,
    "error": named("escape-sequences-in-error")[0],
    "error event": named("escape-sequences-in-error-event")[0],
    "finish reason": reply("hi", finish=HOSTILE),
}


@pytest.fixture
def server():
    with FaultServer() as server:
        yield server


def write_netrc(home: Path) -> None:
    for machine in ("127.0.0.1", "localhost"):
        with (home / ".netrc").open("a") as file:
            file.write(f"machine {machine} login somebody password of-the-netrc\n")
    (home / ".netrc").chmod(0o600)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    write_netrc(home)
    with Kernel(home) as kernel:
        yield kernel


def test_the_netrc_is_one_that_requests_would_use(kernel):
    """Else the next two tests would prove nothing."""
    with FaultServer() as server:
        kernel.run(f"import requests; requests.get('{server.url}/models')")
        basic = base64.b64encode(b"somebody:of-the-netrc").decode()
        assert server.requests[0].headers["authorization"] == f"Basic {basic}"


@pytest.mark.parametrize("line", ["%deepseek hello", "%deepseek_models", "%deepseek_balance"])
def test_no_login_of_the_netrc_without_a_key(kernel, server, line):
    kernel.fresh(server.url, with_key=False)
    assert not kernel.run(line).failed
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("line", ["%deepseek hello", "%deepseek_models", "%deepseek_balance"])
def test_no_login_of_the_netrc_in_place_of_the_key(kernel, server, line):
    kernel.fresh(server.url)
    assert not kernel.run(line).failed
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_no_login_of_the_netrc_for_the_command(tmp_path, server):
    write_netrc(tmp_path)
    assert command(tmp_path, server, "hello").stdout == f"{NORMAL_TEXT}\n"
    assert "authorization" not in server.requests[0].headers


def command(home: Path, server: FaultServer, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deepseek_magic", "ask", *arguments],
        env=environment(home, DEEPSEEK_BASE_URL=server.url, PYTHONIOENCODING="utf-8", **environ),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def assert_harmless(text: str) -> None:
    for sequence in FORBIDDEN:
        assert sequence not in text, repr(sequence)


@pytest.mark.parametrize("renderer", ["plain", "terminal", "auto"])
def test_no_control_sequence_reaches_an_ipython_terminal(tmp_path, server, renderer):
    server.enqueue(*HOSTILE_FAULTS.values())
    server.enqueue(*named("escape-sequences"))
    lines = [f"%deepseek --no-memory question {n}" for n in range(len(HOSTILE_FAULTS))]
    terminal = in_ipython(tmp_path, server, renderer, *lines, "x = %deepseek again", "x", "x.reasoning")
    assert len(server.requests) == len(HOSTILE_FAULTS) + 1
    shown = terminal.sent.replace("\r\n", "\n")
    assert_harmless(shown)
    assert terminal.screen.title != "owned"
    assert "owned" in terminal.lines
    assert "\\x1b]0;owned" in shown.replace("\n", "")


@pytest.mark.parametrize("name", HOSTILE_FAULTS)
def test_no_control_sequence_reaches_the_output_of_the_command(tmp_path, server, name):
    server.enqueue(HOSTILE_FAULTS[name])
    done = command(tmp_path, server, "hello")
    assert_harmless(done.stdout)
    assert_harmless(done.stderr)
    assert done.returncode == (1 if "error" in name else 0)


@pytest.mark.parametrize("name", HOSTILE_FAULTS)
def test_no_control_sequence_reaches_the_terminal_of_the_command(tmp_path, server, name):
    server.enqueue(HOSTILE_FAULTS[name])
    terminal = Terminal(tmp_path, server, "-m", "deepseek_magic", "ask", "hello")
    sent = terminal.end().replace("\r\n", "\n")
    assert_harmless(sent)
    assert terminal.screen.title != "owned"
    assert "owned" in sent


def test_a_hostile_question_is_harmless_on_the_terminal(tmp_path, server):
    """The list of conversations and the status card repeat what was typed and configured."""
    terminal = in_ipython(
        tmp_path,
        server,
        "plain",
        "q = 'a\\x1b]0;owned\\x07b\\u202e'",
        "get_ipython().run_line_magic('deepseek', q);",
        "%deepseek_chat list",
        "get_ipython().run_line_magic('config', f'DeepSeek.model = {q!r}')",
        "%deepseek",
        "%deepseek_chat undo",
        "get_ipython().run_line_magic('deepseek', '-t ' + q)",
    )
    assert_harmless(terminal.sent.replace("\r\n", "\n"))
    assert terminal.screen.title != "owned"


@pytest.mark.parametrize("renderer", ["plain", "terminal"])
def test_in_a_notebook_it_is_one_stream_of_text_that_a_click_cannot_run(kernel, server, renderer):
    """The lab makes links of addresses in printed text; the saved file is to hold no escape codes and no widgets."""
    kernel.fresh(server.url)
    kernel.run(f"%config DeepSeek.renderer = {renderer!r}")
    text = "**See** [x](javascript://%0aa) javascript://b\n\n```data:text/html,x\ny\n```\n"
    server.enqueue(reply(text, "vbscript://c"))
    cell = kernel.run("%deepseek hello")
    assert {output.output_type for output in cell.outputs} == {"stream"}
    assert {output.name for output in cell.outputs} == {"stdout"}
    assert "\x1b" not in cell.printed
    assert "javascript\u200b://b" in cell.printed
    assert "vbscript\u200b://c" in cell.printed
    assert "://" not in cell.printed.replace("\u200b://", "")
    assert "data:text" not in cell.printed
    assert text.rstrip() in cell.printed.replace("\u200b", "")


@pytest.mark.parametrize("renderer", ["plain", "terminal"])
def test_the_reply_is_shown_in_an_ipython_terminal(tmp_path, server, renderer):
    server.enqueue(reply(TEXT, THOUGHT))
    terminal = in_ipython(tmp_path, server, renderer, "%deepseek hello")
    after = terminal.lines.partition("%deepseek hello")[2]
    assert "Grüße" in after
    assert after.count("A second paragraph.") == 1
    assert THOUGHT[:12] in after
    assert "deepseek-flash · " in after


@pytest.mark.parametrize("renderer", ["plain", "terminal"])
def test_a_reply_leaves_no_empty_result_behind(tmp_path, server, renderer):
    terminal = in_ipython(tmp_path, server, renderer, "%deepseek hello")
    assert "Out[" not in terminal.lines


@pytest.mark.parametrize("renderer", ["plain", "terminal"])
def test_a_broken_reply_is_kept_and_said_in_an_ipython_terminal(tmp_path, server, renderer):
    server.enqueue(*named("close-in-mid-text"))
    terminal = in_ipython(tmp_path, server, renderer, "%deepseek hello")
    assert BEGUN in terminal.lines
    assert "Incomplete" in terminal.lines
    assert "StreamBroken: " in terminal.lines
    assert "Traceback" not in terminal.lines


@pytest.mark.parametrize("renderer", ["plain", "terminal"])
def test_half_an_emoji_per_chunk_arrives_whole_in_an_ipython_terminal(tmp_path, server, renderer):
    server.enqueue(*named("half-an-emoji-per-chunk"))
    assert WHOLE_EMOJI in in_ipython(tmp_path, server, renderer, "%deepseek hello").sent


@pytest.mark.parametrize("renderer", ["widget", "display", "headless", "plain"])
def test_half_an_emoji_per_chunk_arrives_whole_in_a_notebook(kernel, server, renderer):
    kernel.fresh(server.url)
    kernel.run(f"%config DeepSeek.renderer = {renderer!r}")
    server.enqueue(*named("half-an-emoji-per-chunk"), *named("half-an-emoji-alone"))
    whole, alone = (kernel.run(f"%deepseek hello {n}") for n in range(2))
    for cell, text in ((whole, WHOLE_EMOJI), (alone, "a\ufffdb\ufffd")):
        assert not cell.failed
        assert text in cell.printed if renderer == "plain" else cell.text == text


def test_half_an_emoji_per_chunk_arrives_whole_at_the_command(tmp_path, server):
    server.enqueue(*named("half-an-emoji-per-chunk"))
    assert command(tmp_path, server, "hello").stdout == f"{WHOLE_EMOJI}\n"


def test_one_byte_per_write_arrives_whole_at_the_command(tmp_path, server):
    server.enqueue(*named("one-byte-per-write"))
    assert command(tmp_path, server, "hello").stdout == f"{TEXT}\n"


def test_the_command_sends_the_key_and_never_shows_it(tmp_path, server):
    server.enqueue(*named("wrong-key"))
    done = command(tmp_path, server, "hello", DEEPSEEK_API_KEY=KEY)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert done.returncode == 1
    assert KEY not in done.stdout + done.stderr
    assert done.stderr.startswith("deepseek-magic: ")
    assert done.stderr.count("\n") == 1


def test_a_cell_is_typed_line_by_line_at_the_prompt(tmp_path, server):
    """At IPython's real prompt the lines below ``%%deepseek`` are waited for; blank ones end the cell, as of any."""
    server.repeat(reply("It is so."))
    options = ("--no-banner", "--no-confirm-exit", "--TerminalInteractiveShell.term_title=False", "--colors=NoColor")
    terminal = Terminal(tmp_path, server, "-m", "IPython", *options, PROMPT_TOOLKIT_NO_CPR="1")
    for number, line in enumerate(("%load_ext deepseek_magic", "%%deepseek --think off"), 1):
        terminal.expect(rf"In \[{number}\]:")
        terminal.child.send(f"{line}\r")
    for line in ("What is it", "that we see?", "", ""):
        terminal.expect(r"\.\.\.:")
        terminal.child.send(f"{line}\r")
    terminal.expect("It is so")
    terminal.child.close(force=True)
    (asked,) = server.requests
    assert asked.json["messages"][-1]["content"].rstrip() == "What is it\nthat we see?"


def test_the_command_reads_a_question_from_its_input(tmp_path, server):
    done = subprocess.run(
        [sys.executable, "-m", "deepseek_magic", "ask", "-", "-t", "0.5", "--stop", "a", "--stop", "b"],
        env=environment(tmp_path, DEEPSEEK_BASE_URL=server.url),
        input="What's {this}\n  $x?",
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout == f"{NORMAL_TEXT}\n"
    body = server.requests[0].json
    assert body["messages"] == [{"role": "user", "content": "What's {this}\n  $x?"}]
    assert (body["temperature"], body["stop"]) == (0.5, ["a", "b"])
