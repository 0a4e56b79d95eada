"""Tools through a real kernel: calls shown and told, questions before them, stops, and the tools of the notebook."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from tests.chat.scripted import accepted, call, calling
from tests.faults import FaultServer, Hang, chunk, deltas, reply, stream
from tests.kernel import Kernel
from tests.magics.tool_results import bodies, results
from tests.strict_endpoint import StrictEndpoint
from tests.terminal import Terminal, in_ipython

WEATHER = '''
made = []
def weather(city: str) -> dict:
    """Tell the weather."""
    made.append(city)
    print(f"looking at {city}")
    return {"city": city, "degrees": 3}
'''
ONE = call("weather", '{"city": "Oslo"}', "call_a")


def define(kernel: Kernel, code: str = WEATHER) -> None:
    assert not kernel.run(code).failed


def assert_goes_on(kernel: Kernel, server: FaultServer, options: str = "--tools weather") -> None:
    """The next question in the same conversation is one that the endpoint accepts."""
    assert not kernel.run(f"%deepseek {options} And now?").failed
    body = bodies(server)[-1]
    assert body["messages"][-1]["content"] == "And now?"
    assert accepted(body["messages"], tools=body["tools"])


def test_a_call_is_made_and_shown(kernel, server):
    define(kernel)
    server.enqueue(calling(ONE, reasoning="I look."), reply("It is 3 degrees."))
    cell = kernel.run("x = %deepseek --tools weather What is the weather in Oslo?")
    assert not cell.failed
    assert kernel.value("[made, x.text]") == [["Oslo"], "It is 3 degrees."]
    assert results(server) == ['{"city": "Oslo", "degrees": 3}']
    first, second = bodies(server)
    assert first["tools"][0]["function"]["strict"] is True
    assert [message["role"] for message in second["messages"]] == ["user", "assistant", "tool"]
    assert second["messages"][1]["reasoning_content"] == "I look."
    assert cell.printed == "looking at Oslo\n"
    ((summary, row),) = re.findall(
        r'<details class="deepseek-calls"[^>]*><summary[^>]*>(.*?)</summary>(.*?)</details>', cell.html, re.S
    )
    assert summary == "weather called once"
    shown = html.unescape(re.sub(r"<[^>]*>", " ", row))
    assert "weather(city='Oslo')" in shown
    assert '{"city": "Oslo", "degrees": 3}' in shown
    assert re.search(r"\d\.\d s", shown)
    assert '<details class="deepseek-calls" open' in cell.html
    live = [
        message for message in cell.of("comm_open", "comm_msg") if "deepseek-calls" in json.dumps(message["content"])
    ]
    assert live
    assert "open" in json.dumps(live[0]["content"]).partition("deepseek-calls")[2][:40]


def test_the_status_line_tells_what_is_called(kernel, server):
    go = kernel.home / "go-on"
    until = f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.02)"
    define(kernel, f"import pathlib, time\ndef slow(city: str):\n    {until}")
    server.enqueue(calling(call("slow", '{"city": "Oslo"}', "a")), reply("Done."))
    running = kernel.start("%deepseek --tools slow Go")
    running.until_text("calling slow")
    go.touch()
    live = json.dumps([message["content"] for message in running.end().of("comm_msg")])
    assert (
        "calling slow(city=&#x27;Oslo&#x27;)" in live or "calling slow(city='Oslo')" in live or "calling slow" in live
    )


@pytest.mark.parametrize("renderer", ["display", "plain", "none"])
def test_calls_in_other_back_ends(kernel, server, renderer):
    define(kernel)
    server.enqueue(calling(ONE), reply("It is 3 degrees."))
    kernel.run(f"%config DeepSeek.renderer = {renderer!r}")
    cell = kernel.run("%deepseek --tools weather What is the weather in Oslo?")
    assert not cell.failed
    assert results(server) == ['{"city": "Oslo", "degrees": 3}']
    said = html.unescape(
        json.dumps([output.get("data", {}).get("text/html", output.get("text", "")) for output in cell.outputs])
    )
    assert ("weather(city='Oslo')" in said) == (renderer != "none")


def test_calls_in_the_terminal(tmp_path):
    with FaultServer() as server:
        server.enqueue(calling(ONE), reply("It is 3 degrees."))
        define_it = "weather = lambda city: {'degrees': 3}"
        terminal = in_ipython(
            tmp_path, server, "terminal", define_it, "%deepseek --tools weather In Oslo?", DEEPSEEK_API_KEY="k"
        )
        assert "weather(city='Oslo') -> {\"degrees\": 3}" in terminal.lines
        assert "It is 3 degrees." in terminal.lines
        assert len(server.requests) == 2


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</td></table><script>alert(1)</script>",
    "[a](javascript:alert(1))",
    "$$\\href{javascript:alert(1)}{x}$$",
    "\x1b]0;title\x07\u202e",
    "| a | b |\n|---|---|",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_arguments_and_results_have_no_effect(kernel, server, text):
    kernel.quietly(f"HOSTILE = {text!r}")
    define(kernel, "def weather(city: str): return HOSTILE")
    arguments = json.dumps({"city": text})
    server.enqueue(
        calling(call("weather", arguments, "a"), call(text, "{}", "b", 1), call("weather", text, "c", 2)),
        reply("Done."),
    )
    cell = kernel.run("%deepseek --tools weather Go")
    assert not cell.failed
    calls = cell.html.partition('<details class="deepseek-calls"')[2].partition('<div class="deepseek-answer"')[0]
    assert calls.count('<details class="deepseek-call"') == 3
    for part in ("<img", "<script", "<a ", "\x1b", "\x07", "\u202e"):
        assert part not in calls
    tags = set(re.findall(r"</?([a-z]+)", calls))
    assert tags <= {"summary", "table", "tbody", "thead", "tr", "td", "th", "code", "details", "div", "span"}
    assert accepted(bodies(server)[-1]["messages"], tools=bodies(server)[-1]["tools"])


NO_TOOLS = [
    ("--tools nothing", "OptionError: --tools nothing: there is no function of that name; define it first"),
    (
        "--tools weather,",
        "OptionError: --tools: expected names of functions, joined by commas without spaces, found 'weather,'",
    ),
    ("--tools made", "OptionError: --tools made: it is a list; expected the name of a function"),
    ("--tools os.system", "OptionError: --tools: expected names of functions, joined by commas"),
    ("--tools weather --as json", "OptionError: --tools goes with an answer in text: leave --as and --schema out"),
    ("--tools weather --as df", "OptionError: --tools goes with an answer in text"),
    ("--tools weather --as code", "OptionError: --tools goes with an answer in text"),
    ("--tools weather --schema int", "OptionError: --tools goes with an answer in text"),
    ("--tools head,notebook", "OptionError: --tools head: one of the tools of notebook has this name, too"),
    ("--tools get_ipython", "OptionError: --tools get_ipython: there is no function of that name"),
]


def test_what_cannot_be_a_tool_is_told_before_anything_is_sent(kernel, server):
    define(kernel, f"{WEATHER}\ndef head(): ...")
    for options, words in NO_TOOLS:
        cell = kernel.run(f"%deepseek {options} What is the weather?")
        assert [output.output_type for output in cell.outputs] == ["error"]
        assert cell.error.startswith(words)
    assert not server.requests


def test_tools_add_up(kernel, server):
    define(kernel, f"{WEATHER}\ndef f(): ...\ndef g(): ...")
    kernel.run("%deepseek --tools weather,f --tools g --tools f Go")
    assert [tool["function"]["name"] for tool in bodies(server)[0]["tools"]] == ["weather", "f", "g"]


def test_more_tools_than_a_request_may_hold(kernel, server):
    define(kernel, "\n".join(f"def f{number}(): ..." for number in range(129)))
    names = ",".join(f"f{number}" for number in range(129))
    cell = kernel.run(f"%deepseek --tools {names} Go")
    assert cell.error == "OptionError: --tools names 129 functions: expected at most 128"
    assert not server.requests


def test_a_dry_run_shows_the_tools_and_sends_nothing(kernel, server):
    define(kernel)
    cell = kernel.run("%deepseek --dry-run --tools weather What is the weather?")
    (display,) = cell.displays
    plain = display.data["text/plain"]
    assert not server.requests
    told = json.loads(re.search(r"^  tools: (.*)$", plain, re.M)[1])
    kernel.run("%deepseek --tools weather What is the weather?")
    assert told == bodies(server)[0]["tools"]
    assert f"  endpoint: {server.url}/beta/chat/completions\n" in plain
    assert server.requests[0].path == "/beta/chat/completions"
    assert kernel.value("made") == []


def test_a_local_function_is_a_tool(kernel, server):
    server.enqueue(calling(call("inner", "{}", "a")), reply("Done."))
    kernel.run("def outer():\n    def inner(): return 'from inside'\n    %deepseek --tools inner Go\nouter()")
    assert results(server) == ["from inside"]


def test_a_coroutine_function_is_awaited(kernel, server):
    define(
        kernel,
        "import asyncio\nasync def wait(n: int):\n    await asyncio.sleep(0.01)\n    print('waited')\n    return n + 1",
    )
    server.enqueue(calling(call("wait", '{"n": 1}', "a")), reply("Done."))
    cell = kernel.run("%deepseek --tools wait Go")
    assert results(server) == ["2"]
    assert cell.printed == "waited\n"


def test_a_function_that_exits_or_raises_is_told(kernel, server):
    define(kernel, "def leave(): raise SystemExit('bye')\ndef fail(): return 1 / 0")
    server.enqueue(calling(call("leave", "{}", "a"), call("fail", "{}", "b", 1)), reply("Done."))
    cell = kernel.run("%deepseek --tools leave,fail Go")
    assert not cell.failed
    assert results(server) == ["SystemExit: bye", "ZeroDivisionError: division by zero"]
    assert cell.html.count("s · failed") == 2


def test_a_tool_may_ask_a_question_of_its_own(kernel, server):
    define(kernel, "import deepseek_magic\ndef expert(what: str): return deepseek_magic.ask(what).text")
    server.enqueue(calling(call("expert", '{"what": "how?"}', "a")), reply("Like this."), reply("Done."))
    assert kernel.run("%deepseek --tools expert Go").text == "Done."
    assert results(server) == ["Like this."]


# Stops.


def test_a_stop_while_the_call_streams(kernel, server):
    define(kernel)
    server.enqueue(stream(*deltas(""), chunk({"tool_calls": [call("weather", '{"ci', "a")]}), Hang()))
    running = kernel.start("%deepseek --tools weather What is the weather?")
    assert server.wait_sent(2)
    running.until(lambda message: message["msg_type"] == "display_data")
    kernel.interrupt()
    cell = running.end()
    assert cell.error.startswith("Interrupted: stopped before any text came")
    assert kernel.value("made") == []
    assert_goes_on(kernel, server)
    assert len(bodies(server)[-1]["messages"]) == 1


def test_a_stop_while_a_function_runs(kernel, server):
    define(kernel, f"{WEATHER}\nimport time\ndef slow(city: str):\n    print('begun')\n    time.sleep(60)")
    server.enqueue(calling(ONE, call("slow", '{"city": "Rome"}', "b", 1), text="I look."))
    running = kernel.start("%deepseek --tools weather,slow What is the weather?")
    running.until_text("begun")
    kernel.interrupt()
    cell = running.end()
    assert cell.error.startswith("Interrupted: stopped; the text so far is kept")
    assert "weather(city='Oslo')" in html.unescape(cell.html)
    assert_goes_on(kernel, server, "--tools weather,slow")
    assert results(server) == ['{"city": "Oslo", "degrees": 3}', "the user stopped it; no result is known"]


STOPPED = """
import asyncio
ended = False
async def slow():
    global ended
    try:
        print("begun")
        await asyncio.sleep(60)
    finally:
        ended = True
"""


def test_a_stop_while_a_coroutine_runs(kernel, server):
    define(
        kernel,
        STOPPED,
    )
    server.enqueue(calling(call("slow", "{}", "a")))
    running = kernel.start("%deepseek --tools slow Go")
    running.until_text("begun")
    kernel.interrupt()
    assert running.end().error.startswith("Interrupted: ")
    assert kernel.value("ended") is True
    assert_goes_on(kernel, server, "--tools slow")


def test_a_stop_between_rounds(kernel, server):
    define(kernel)
    server.enqueue(calling(ONE), stream(*deltas(""), Hang()))
    running = kernel.start("%deepseek --tools weather What is the weather?")
    assert server.wait_requests(2)
    kernel.interrupt()
    assert running.end().error.startswith("Interrupted: ")
    assert_goes_on(kernel, server)
    assert results(server) == ['{"city": "Oslo", "degrees": 3}']


# Questions before a call.

CAREFUL = """
import deepseek_magic
made = []
@deepseek_magic.confirm
def remove(path: str, really: bool = False):
    made.append(path)
    return "gone"
"""
REMOVE = call("remove", '{"path": "a\\u001b[2K", "really": true}', "a")


@pytest.mark.parametrize(("answer", "runs"), [("y", True), ("Yes", True), ("n", False), ("", False), ("maybe", False)])
def test_the_user_is_asked(kernel, server, answer, runs):
    define(kernel, CAREFUL)
    server.enqueue(calling(REMOVE), reply("Done."))
    cell = kernel.run("%deepseek --tools remove Go", answers=[answer])
    (prompt,) = cell.prompts
    assert prompt["prompt"] == "The model wants to run remove(path='a\\x1b[2K', really=True). Run it? [y/N] "
    assert not prompt["password"]
    assert bool(kernel.value("len(made)")) is runs
    assert results(server) == ["gone" if runs else "the user did not allow this call"]


def test_where_nobody_can_be_asked_it_is_not_run(kernel, server):
    define(kernel, CAREFUL)
    server.enqueue(calling(REMOVE), reply("Done."))
    cell = kernel.run("%deepseek --tools remove Go", allow_stdin=False)
    assert not cell.failed
    assert not cell.prompts
    assert kernel.value("made") == []
    assert results(server) == ["the user did not allow this call"]


def test_a_stop_while_the_user_is_asked(kernel, server):
    define(kernel, CAREFUL)
    server.enqueue(calling(REMOVE))
    running = kernel.start("%deepseek --tools remove Go", answers=[])
    message = kernel.client.get_stdin_msg(timeout=60)
    assert message["msg_type"] == "input_request"
    kernel.interrupt()
    cell = running.end()
    assert cell.error.startswith("Interrupted: ")
    assert kernel.value("made") == []
    assert_goes_on(kernel, server, "--tools remove")
    assert results(server) == ["the user stopped it; no result is known"]


def test_the_user_is_asked_in_the_terminal(tmp_path):
    with FaultServer() as server:
        server.enqueue(calling(call("remove", '{"path": "a"}', "a")), reply("Done."))
        (tmp_path / "careful.py").write_text(CAREFUL)
        terminal = Terminal(
            tmp_path,
            server,
            "-m",
            "IPython",
            "--simple-prompt",
            "--no-banner",
            "--no-confirm-exit",
            DEEPSEEK_API_KEY="k",
        )
        for number, line in enumerate(
            ["%load_ext deepseek_magic", "from careful import *", "%deepseek --tools remove Go"], 1
        ):
            terminal.expect(rf"In \[{number}\]: ")
            terminal.child.sendline(line)
        terminal.expect(r"The model wants to run remove\(path='a'\). Run it\? \[y/N\] ")
        terminal.child.sendline("y")
        terminal.expect("Done.")
        terminal.expect(r"In \[4\]: ")
        terminal.child.sendline("exit")
        terminal.end()
        assert results(server) == ["gone"]


# The tools of the notebook.

VALUES = """
import pandas
api_key = "Zx81-Qy72-Wv63-Ut54-hidden"
frame = pandas.DataFrame({"city": ["Oslo", "Rome", "Bern"], "degrees": [3, 19, 11]})
words = [f"word{number}" for number in range(1000)]
_private = "nobody asked"
count = 0
class Touchy:
    "It counts who looks."
    def __getattr__(self, name):
        global count
        count += 1
        raise AttributeError(name)
    @property
    def size(self):
        global count
        count += 1
    def head(self, rows):
        global count
        count += 1
touchy = Touchy()
def double(n: int = 2) -> int:
    \"\"\"Twice as much.

    And more.
    \"\"\"
    return 2 * n
"""


def ask_tools(kernel: Kernel, server: FaultServer, *calls: tuple[str, dict]) -> list[str]:
    """Let the model call these tools of the notebook; return their results."""
    pieces = [call(name, json.dumps(given), f"id{place}", place) for place, (name, given) in enumerate(calls)]
    server.enqueue(calling(*pieces), reply("Done."))
    assert not kernel.run("%deepseek --tools notebook Look around").failed
    return results(server)


def test_the_tools_of_the_notebook(kernel, server):
    define(kernel, VALUES)
    variables, value, frame, words, source, klass, helped = ask_tools(
        kernel,
        server,
        ("list_variables", {}),
        ("inspect_value", {"name": "frame"}),
        ("head", {"name": "frame", "rows": 2}),
        ("head", {"name": "words", "rows": 3}),
        ("source_of", {"name": "double"}),
        ("source_of", {"name": "Touchy"}),
        ("help_on", {"name": "double"}),
    )
    assert {"frame: DataFrame", "words: list", "double: function"} <= set(variables.splitlines())
    assert "_private" not in variables
    assert "degrees" in value
    assert "3 rows" in value
    assert "Rome" in frame
    assert "Bern" not in frame
    assert words == "the first 3 of words = ['word0', 'word1', 'word2']"
    assert source.startswith("def double(n: int = 2) -> int:")
    assert source.endswith("return 2 * n")
    assert klass.startswith("class Touchy:")
    assert helped.endswith("Twice as much.\n\nAnd more.")
    names = {tool["function"]["name"] for tool in bodies(server)[-1]["tools"]}
    assert names == {"list_variables", "inspect_value", "head", "source_of", "help_on", "search_cells"}
    assert {tool["function"]["strict"] for tool in bodies(server)[-1]["tools"]} == {True}


def test_looking_runs_nothing(kernel, server):
    define(kernel, VALUES)
    before = kernel.value("sorted(k for k in globals() if not k.startswith('_') and k not in ('In', 'Out', 'json'))")
    kernel.run("count = 0")
    names = ("inspect_value", "source_of", "help_on")
    told = ask_tools(
        kernel, server, *((name, {"name": "touchy"}) for name in names), ("head", {"name": "touchy", "rows": 3})
    )
    assert "Touchy" in told[0]
    assert told[1] == "LookupError: there is no source of 'touchy', a Touchy"
    assert told[2].endswith("It counts who looks.")
    assert kernel.value("count") == 0
    after = kernel.value("sorted(k for k in globals() if not k.startswith('_') and k not in ('In', 'Out', 'json'))")
    assert after == before


def test_only_the_users_own_names_are_looked_at(kernel, server):
    define(kernel, VALUES)
    names = ["_private", "In", "Out", "get_ipython", "nothing", "frame.columns", "__import__('os')", "_"]
    tools = ("inspect_value", "source_of", "help_on")
    told = ask_tools(kernel, server, *((tool, {"name": name}) for tool in tools for name in names))
    for name, said in zip(names * len(tools), told, strict=True):
        assert said.startswith(f"LookupError: there is no variable {name!r}")
    assert "nobody asked" not in json.dumps(bodies(server))


def test_secrets_are_masked_in_what_the_tools_tell(kernel, server):
    define(kernel, VALUES)
    kernel.run("print('key', api_key)")
    told = ask_tools(
        kernel,
        server,
        ("search_cells", {"text": "api_key"}),
        ("inspect_value", {"name": "api_key"}),
        ("head", {"name": "api_key", "rows": 12}),
    )
    assert "Zx81" not in json.dumps(bodies(server))
    assert "masked" in told[0]
    assert "masked" in told[1]


def test_cells_are_searched(kernel, server, tmp_path):
    define(kernel, "needle = 1\nprint('found in the output')")
    define(kernel, "# deepseek: ignore\nneedle = 'never sent'")
    kernel.run("%deepseek what is the needle?")
    source, output, none = ask_tools(
        kernel,
        server,
        ("search_cells", {"text": "NEEDLE"}),
        ("search_cells", {"text": "in the output"}),
        ("search_cells", {"text": "xyzzy"}),
    )
    assert "needle = 1" in source
    assert "never sent" not in source
    assert "what is the needle?" not in source
    assert "found in the output" in output
    assert none == "no executed cell holds it"


def test_a_function_of_the_users_may_have_that_name(kernel, server):
    define(kernel, "def notebook(): return 'my own'")
    server.enqueue(calling(call("notebook", "{}", "a")), reply("Done."))
    kernel.run("%deepseek --tools notebook Go")
    assert results(server) == ["my own"]
    define(kernel, "notebook = {'cells': []}")
    kernel.run("%deepseek --tools notebook Go")
    assert len(bodies(server)[-1]["tools"]) == 6


def test_the_embedded_endpoint_takes_it_all(kernel, tmp_path: Path):
    with StrictEndpoint() as endpoint:
        kernel.quietly("get_ipython().reset(new_session=True)")
        kernel.fresh(endpoint.url)
        define(kernel)
        cell = kernel.run('%deepseek --tools weather,notebook Use weather for "Oslo".')
        assert not cell.failed
        assert '{"city": "Oslo", "degrees": 3}' in cell.text
        assert not kernel.run("%deepseek Thank you").failed
