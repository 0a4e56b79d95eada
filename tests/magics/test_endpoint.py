"""What the endpoint can, through the magics: the exact request of each capability, and what comes out of it."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient

from tests.faults import (
    DONE,
    NORMAL_TEXT,
    THOUGHT,
    Close,
    Hang,
    api_error,
    deltas,
    error,
    event,
    finish,
    reply,
    stream,
    usage,
)
from tests.kernel import KEY, WIDGET, environment
from tests.strict_endpoint import StrictEndpoint
from tests.terminal import in_ipython

#: More variables of the kernel's environment.
KERNEL_ENVIRONMENT = {"MPLBACKEND": "agg"}


PLAIN = {"model": "deepseek-flash", "stream": True, "stream_options": {"include_usage": True}}
ENABLED, DISABLED = {"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}
ON = "%deepseek_continue goes on with it."


@pytest.fixture(scope="module")
def endpoint():
    with StrictEndpoint() as endpoint:
        yield endpoint


def user(text):
    return {"role": "user", "content": text}


def begun(text):
    return {"role": "assistant", "content": text, "prefix": True}


def next_cell(cell):
    """What the front end is told to put into the next cell."""
    inserted = [payload for payload in cell.reply["payload"] if payload["source"] == "set_next_input"]
    return inserted[-1]["text"] if inserted else None


def asked(server):
    """Path and body of the last request."""
    return server.requests[-1].path, server.requests[-1].json


# --- thinking


@pytest.mark.parametrize(
    ("options", "setting", "fields"),
    [
        ("", "", ENABLED),
        ("--think off", "", DISABLED),
        ("--think low", "", {**ENABLED, "reasoning_effort": "low"}),
        ("--think high", "", {**ENABLED, "reasoning_effort": "high"}),
        ("--think max", "", {**ENABLED, "reasoning_effort": "max"}),
        ("", "off", DISABLED),
        ("", "low", {**ENABLED, "reasoning_effort": "low"}),
        ("--think max", "off", {**ENABLED, "reasoning_effort": "max"}),
        ("-t 0.5 --think off", "", {**DISABLED, "temperature": 0.5}),
        ("--think low --max-tokens 99 --top-p 0.97 --stop a --stop b", "",
         {**ENABLED, "reasoning_effort": "low", "max_tokens": 99, "top_p": 0.97, "stop": ["a", "b"]}),
    ],
)  # fmt: skip
def test_what_is_sent_is_what_was_asked_for(kernel, server, options, setting, fields):
    kernel.quietly(f"%config DeepSeek.thinking = {setting!r}")
    cell = kernel.run(f"%deepseek {options} -s Brief. hello")
    messages = [{"role": "system", "content": "Brief."}, user("hello")]
    assert asked(server) == ("/chat/completions", {**PLAIN, "messages": messages, **fields})
    assert cell.text == NORMAL_TEXT
    assert cell.notices == []


def test_a_temperature_that_thinking_ignores_is_pointed_out_once(kernel, server):
    first = kernel.run("%deepseek -t 0.2 hello")
    assert first.notices == ["The temperature has no effect while the model thinks; --think off makes it count."]
    assert asked(server)[1]["temperature"] == 0.2
    assert kernel.run("%deepseek -t 0.3 hello").notices == []
    assert kernel.run("%deepseek --think off -t 0.3 hello").notices == []


def test_a_temperature_counts_where_code_alone_is_asked_for_without_thinking(kernel, server):
    server.enqueue(reply("x = 1\n"))
    assert kernel.run("%deepseek --as code -t 0 hello").notices == []
    assert asked(server)[1]["temperature"] == 0
    assert asked(server)[1]["thinking"] == {"type": "disabled"}


@pytest.mark.parametrize(
    ("options", "said"), [("--max-tokens 50", "--max-tokens 50"), ("", "the endpoint's token limit")]
)
def test_thinking_that_ate_the_budget_says_so_and_what_to_do(kernel, server, options, said):
    server.enqueue(reply("", THOUGHT, finish="length"))
    cell = kernel.run(f"reply = %deepseek {options} hello")
    assert cell.notices == [f"No answer: thinking used up {said}. Raise --max-tokens, or use --think low or off."]
    assert kernel.value("reply.reasoning") == THOUGHT
    server.enqueue(reply("42."))
    kernel.run("%deepseek_continue --think off")
    assert (cell.text, cell.notices) == ("42.", [])
    assert asked(server)[1]["messages"] == [user("hello")]
    assert asked(server)[1]["thinking"] == {"type": "disabled"}


# --- going on

CUTS = {
    "length": reply("One two \n", finish="length"),
    "capacity": reply("One two \n", finish="insufficient_system_resource"),
    "broken": stream(*deltas("One two \n"), Close()),
    "error event": stream(*deltas("One two \n"), b'data: {"error":{"message":"lost"}}\n\n'),
    "interrupted": stream(*deltas("One two \n", pieces=9), Hang()),
}


def cut(kernel, server, how, code="%deepseek -t 1.5 --max-tokens 7 count"):
    server.enqueue(CUTS[how])
    running = kernel.start(code)
    if how == "interrupted":
        running.until_text("two")
        kernel.interrupt()
    cell = running.end()
    assert ON in cell.notices[-1]
    assert cell.text == "One two \n"
    return cell


@pytest.mark.parametrize("how", CUTS)
def test_a_reply_that_was_cut_goes_on_in_its_place(kernel, server, how):
    cell = cut(kernel, server, how)
    shown = cell.of("display_data")[0]["content"]["transient"]["display_id"]
    server.enqueue(reply(" three.", usage=usage(30, 5)))
    more = kernel.run("%deepseek_continue --max-tokens 50")
    assert asked(server) == (
        "/beta/chat/completions",
        {**PLAIN, "messages": [user("count"), begun("One two")], **DISABLED, "temperature": 1.5, "max_tokens": 50},
    )
    assert cell.text == "One two three."
    assert cell.notices == []
    assert "Incomplete" not in cell.html
    assert cell.facts["state"] == "complete"
    assert WIDGET not in json.dumps(cell.outputs[0])
    updates = more.of("update_display_data")
    assert {update["content"]["transient"]["display_id"] for update in updates} == {shown}
    number = cell.of("execute_input")[0]["content"]["execution_count"]  # that of its cell, which shows it again
    assert f" %deepseek_chat show [{number}] shows the reply." in updates[0]["content"]["data"]["text/plain"]
    assert kernel.run(f"%deepseek_chat show [{number}]").text == "One two three."
    (line,) = more.outputs
    error = "" if how in ("length", "capacity") else "; the error below it is older"
    assert line.data["text/plain"] == f"The reply above goes on: 5 characters more{error}. The whole reply:"
    assert line.data["text/html"].count("<details") == 1
    assert "One two three." in line.data["text/html"]
    assert "the last reply is complete" in kernel.run("%deepseek_continue").error


@pytest.mark.parametrize("back_end", ["widget", "display", "headless"])
def test_back_ends_of_the_page_show_it_in_its_place(kernel, server, back_end):
    kernel.quietly(f"%config DeepSeek.renderer = {back_end!r}")
    cell = cut(kernel, server, "length")
    server.enqueue(reply(" three.", "I think on."))
    more = kernel.run("reply = %deepseek_continue --think low")
    assert cell.text == kernel.value("reply.text") == "One two three."
    assert [output.output_type for output in more.outputs] == ["display_data"]
    assert "deepseek-reasoning" in cell.html
    assert asked(server)[1]["reasoning_effort"] == "low"


@pytest.mark.parametrize("back_end", ["terminal", "plain"])
def test_back_ends_of_a_terminal_print_the_whole(kernel, server, back_end):
    kernel.quietly(f"%config DeepSeek.renderer = {back_end!r}")
    server.enqueue(CUTS["length"], reply(" three."))
    kernel.run("%deepseek count")
    more = kernel.run("%deepseek_continue")
    assert more.displays == []
    assert "One two three." in more.printed


@pytest.mark.parametrize("renderer", ["terminal", "plain"])
def test_in_a_terminal_the_whole_is_printed_and_is_the_result(server, tmp_path, renderer):
    server.enqueue(CUTS["length"], reply(" three."))
    lines = ("%deepseek count", "%deepseek_continue", "len(_.text)", "%deepseek_continue")
    terminal = in_ipython(tmp_path, server, renderer, *lines, DEEPSEEK_API_KEY=KEY)
    _, _, begun, went_on, counted, whole = terminal.lines.split("In [")[1:7]
    notice = "Incomplete: cut at the endpoint's token limit. %deepseek_continue goes on with it."
    assert notice in " ".join(begun.split())  # as wide as the terminal is
    assert "One two three." in went_on
    assert "Incomplete" not in went_on
    assert "Out[5]: 14" in counted
    assert "the last reply is complete" in whole


def test_where_the_first_part_was_captured_the_whole_is_shown(kernel, server):
    server.enqueue(CUTS["length"], reply(" three."))
    kernel.run("%%capture kept\n%deepseek count")
    more = kernel.run("%deepseek_continue")
    assert more.text == "One two three."
    assert more.of("update_display_data") == [] or WIDGET not in more.html
    assert more.notices == []


def test_where_the_first_part_is_in_an_output_of_the_users_the_whole_is_shown(kernel, server):
    server.enqueue(CUTS["length"], reply(" three."))
    kernel.run(
        "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    get_ipython().run_line_magic('deepseek', 'count')"
    )
    more = kernel.run("%deepseek_continue")
    assert more.text == "One two three."


@pytest.mark.parametrize(
    "code",
    ["%%capture kept\n%deepseek_continue", "%deepseek_continue --quiet"],
)
def test_a_rest_that_is_not_shown_leaves_the_place_for_the_next(kernel, server, code):
    cell = cut(kernel, server, "length")
    server.enqueue(reply(" three", finish="length"), reply(" four."))
    assert kernel.run(code).outputs == []
    assert cell.text == "One two \n"
    kernel.run("%deepseek_continue")
    assert cell.text == "One two three four."


def test_a_captured_rest_is_the_whole_once(kernel, server):
    cut(kernel, server, "length")
    server.enqueue(reply(" three."))
    kernel.run("%%capture kept\n%deepseek_continue")
    assert kernel.value("[output.data['text/plain'] for output in kept.outputs if output.data]") == ["One two three."]


def test_twice_in_a_row_and_with_a_request_that_fails_between(kernel, server):
    cell = cut(kernel, server, "broken")
    server.enqueue(reply(" three", finish="length"), error(402, api_error("Insufficient Balance")), reply(" four."))
    kernel.run("%deepseek_continue")
    assert cell.text == "One two three"
    failed = kernel.run("%deepseek_continue")
    assert failed.error.startswith("InsufficientBalance: ")
    assert [output.output_type for output in failed.outputs] == ["error"]
    assert cell.text == "One two three"
    assert cell.notices == [f"Incomplete. {ON}"]
    kernel.run("%deepseek_continue")
    assert cell.text == "One two three four."
    assert [request.json["messages"][-1]["content"] for request in server.requests[1:]] == [
        "One two",
        "One two three",
        "One two three",
    ]


def test_a_rest_that_is_interrupted_is_kept(kernel, server):
    cell = cut(kernel, server, "length")
    server.enqueue(stream(*deltas(" three", pieces=6), Hang()), reply(" four."))
    running = kernel.start("%deepseek_continue")
    running.until_text("three")
    kernel.interrupt()
    assert running.end().error.startswith("Interrupted: ")
    assert cell.text == "One two three"
    assert cell.notices == [f"Incomplete. {ON}"]
    kernel.run("%deepseek_continue")
    assert cell.text == "One two three four."


QUESTION = "Explain the method of least squares, with code and a table"
PLACES = {"in a word": 400, "in the maths": 225, "in the code": 700, "in the table": 1015, "in the list": 1300}


@pytest.mark.parametrize("place", PLACES)
def test_wherever_it_was_cut_it_is_whole_in_the_end(kernel, endpoint, place):
    kernel.fresh(endpoint.url)
    whole = kernel.run(f"%deepseek --think off --new {QUESTION}")
    cell = kernel.run(f"%deepseek --think off --max-tokens {PLACES[place] * 3 // 10} --new {QUESTION}")
    assert cell.text == whole.text[: len(cell.text)]
    assert len(cell.text) < len(whole.text)
    kernel.run("%deepseek_continue --max-tokens 5000")
    assert cell.text == whole.text
    footer = '<details class="deepseek-footer'
    assert cell.html.partition(footer)[0] == whole.html.partition(footer)[0]
    assert endpoint.requests[-1].body["messages"][-1]["prefix"] is True


def test_elsewhere_it_is_asked_for_in_words_and_said(kernel, server):
    kernel.fresh(f"{server.url}/v1")
    start = "The sum of the squared distances is as small as it can be, and that sum has one lowe"
    server.enqueue(reply(start, finish="length"), reply(f"{start}st point."))
    cell = kernel.run("%deepseek -m mine why?")
    kernel.run("%deepseek_continue")
    assert cell.text == f"{start}st point."
    assert cell.notices == [
        "This server cannot continue a partial reply: the rest was asked for in words and joined to it."
    ]
    path, body = asked(server)
    assert path == "/v1/chat/completions"
    assert set(body) == {"model", "messages", "stream", "stream_options"}
    assert body["messages"][:2] == [user("why?"), {"role": "assistant", "content": start}]
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]


@pytest.mark.parametrize("line", ["and more", "-t 1", "--as code", "-c cells"])
def test_what_cannot_be_changed_for_the_rest_is_one_line(kernel, server, line):
    cut(kernel, server, "length")
    assert (
        "%deepseek_continue: expected --model, --max-tokens, --think, "
        in kernel.run(f"%deepseek_continue {line}").error
    )
    assert len(server.requests) == 1


def test_a_rest_that_cannot_be_sent_changes_nothing(kernel, server):
    server.enqueue(CUTS["length"], reply(" three."))
    cell = kernel.run("from PIL import Image\npicture = Image.new('1', (3, 3))\n%deepseek what is {picture}")
    before, sent = cell.html, kernel.run("%deepseek_sent").html
    refused = kernel.run("%deepseek_continue -m deepseek-v4-pro")
    assert "cannot see images" in refused.error
    assert [output.output_type for output in refused.outputs] == ["error"]
    assert cell.html == before
    assert kernel.run("%deepseek_sent").html == sent
    kernel.run("%deepseek_continue")
    assert cell.text == "One two three."
    assert asked(server)[1]["model"] == "deepseek-flash"
    assert len(server.requests) == 2


def test_what_is_changed_for_one_rest_is_not_changed_for_the_next(kernel, server):
    cell = cut(kernel, server, "length")
    server.enqueue(error(400, api_error("Model Not Exist")), reply(" three."))
    assert kernel.run("%deepseek_continue -m other --max-tokens 9").error.startswith("BadRequest: ")
    kernel.run("%deepseek_continue")
    assert cell.text == "One two three."
    assert [(request.json["model"], request.json["max_tokens"]) for request in server.requests] == [
        ("deepseek-flash", 7),
        ("other", 9),
        ("deepseek-flash", 7),
    ]


def test_a_value_that_was_cut_is_a_value_when_it_is_whole(kernel, server):
    server.enqueue(stream(*deltas('{"a": [1, 2'), Close()), reply(", 3]}"))
    cell = kernel.run("%deepseek --as json give json")
    assert cell.failed
    kernel.run("%deepseek_continue -o found")
    assert kernel.value("found") == {"a": [1, 2, 3]}
    assert cell.text == '{"a": [1, 2, 3]}'
    assert cell.notices == []
    assert "response_format" not in asked(server)[1]


def test_the_rest_after_calls_is_asked_for_with_what_they_told(kernel, server):
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    calls = stream(*[step.replace(b'"content":""', f'"tool_calls":{json.dumps([call])}'.encode(), 1)
                     for step in deltas("")], *finish("tool_calls"))  # fmt: skip
    server.enqueue(calls, reply("It is 4", finish="length"), reply("2."))
    cell = kernel.run("def look() -> int:\n    'Look it up.'\n    return 42\n%deepseek --tools look what is it")
    assert cell.text == "It is 4"
    kernel.run("%deepseek_continue")
    assert cell.text == "It is 42."
    messages = asked(server)[1]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "assistant"]
    assert messages[-1] == begun("It is 4")
    assert messages[1]["tool_calls"][0]["id"] == messages[2]["tool_call_id"] == "call_1"


def test_run_from_the_command_line_the_saved_notebook_holds_it_in_the_first_cell(server, tmp_path):
    server.enqueue(CUTS["length"], reply(" three."))
    cells = [nbformat.v4.new_code_cell(code) for code in
             ("%load_ext deepseek_magic", "%deepseek count", "%deepseek_continue")]  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": ""}})
    manager = KernelManager(kernel_name="python3")
    client = NotebookClient(notebook, km=manager, resources={"metadata": {"path": str(tmp_path)}}, timeout=60)
    client.execute(env=environment(tmp_path, DEEPSEEK_BASE_URL=server.url, DEEPSEEK_API_KEY=KEY))
    (whole,) = notebook.cells[1].outputs
    assert whole.data["text/plain"] == "One two three."
    assert "Incomplete" not in whole.data["text/html"]
    assert whole.metadata["deepseek_magic"]["state"] == "complete"
    (line,) = notebook.cells[2].outputs
    assert line.data["text/plain"].startswith("The reply above goes on: ")
    nbformat.validate(notebook)


def test_from_python(kernel, server):
    server.enqueue(CUTS["length"], reply(" three."))
    code = (
        "import deepseek_magic\ntalk = deepseek_magic.Conversation(temperature=1.5)\n"
        "begun = talk.ask('count', max_tokens=7)\nwhole = talk.resume(max_tokens=50)"
    )
    assert not kernel.run(code).failed
    assert kernel.value("[begun.text, whole.text]") == ["One two \n", "One two three."]
    assert asked(server)[1]["messages"] == [user("count"), begun("One two")]
    assert asked(server)[1]["max_tokens"] == 50
    assert "is complete" in kernel.run("talk.resume()").error


# --- code and no prose


def test_code_is_asked_for_as_documented_and_offered(kernel, server):
    server.enqueue(reply("%matplotlib inline\nls = !ls\nx = 1\n"))
    cell = kernel.run("reply = %deepseek --as code --stop END do it")
    assert asked(server) == (
        "/beta/chat/completions",
        {**PLAIN, "messages": [user("do it"), begun("```python\n")], **DISABLED, "stop": ["END", "\n```"]},
    )
    assert kernel.value("reply.code") == next_cell(cell) == "%matplotlib inline\nls = !ls\nx = 1"
    assert cell.text == "```python\n%matplotlib inline\nls = !ls\nx = 1\n```\n"
    assert cell.notices == []
    assert len(server.requests) == 1


def test_code_that_does_not_compile_is_repaired_once(kernel, server):
    server.enqueue(reply("x = (\n"), reply("x = (1)\n"))
    cell = kernel.run("%deepseek --as code do it")
    assert len(server.requests) == 2
    path, body = asked(server)
    assert path == "/beta/chat/completions"
    *messages, last = body["messages"]
    assert messages[:2] == [user("do it"), {"role": "assistant", "content": "```python\nx = (\n```\n"}]
    assert re.fullmatch(
        r"This does not compile: .* in line 1\. Give the whole code again, corrected\.",
        messages[2]["content"],
    )
    assert last == begun("```python\n")
    assert {name: body[name] for name in body if name != "messages"} == {**PLAIN, **DISABLED, "stop": ["\n```"]}
    assert next_cell(cell) == "x = (1)"
    assert len(cell.notices) == 1
    assert cell.notices[0].startswith("The first version did not compile (")
    kernel.run("%deepseek and now?")
    assert [message["content"] for message in asked(server)[1]["messages"]] == [
        "do it",
        "```python\nx = (1)\n```\n",
        "and now?",
    ]


def test_code_that_still_does_not_compile_is_offered_with_a_note(kernel, server):
    server.enqueue(reply("x = (\n"), reply("y = (\n"))
    cell = kernel.run("%deepseek --as code do it")
    assert len(server.requests) == 2
    assert re.fullmatch(r"# Note: this does not compile \(.*\)\ny = \(", next_cell(cell))
    (notice,) = cell.notices
    assert re.fullmatch(
        r"This code does not compile: .* in line 1\. It is the second version; the first did not compile either\.",
        notice,
    )


def test_code_that_was_cut_is_gone_on_with_and_offered_whole(kernel, server):
    server.enqueue(reply("def f(x):\n    ret", finish="length"), reply("urn x\n"))
    cell = kernel.run("%deepseek --as code do it")
    assert cell.text == "```python\ndef f(x):\n    ret"
    assert next_cell(cell) == "# Note: the code was cut; %deepseek_continue goes on with it\ndef f(x):\n    ret"
    more = kernel.run("%deepseek_continue")
    assert asked(server)[1]["messages"] == [user("do it"), begun("```python\ndef f(x):\n    ret")]
    assert asked(server)[1]["stop"] == ["\n```"]
    assert cell.text == "```python\ndef f(x):\n    return x\n```\n"
    assert next_cell(more) == "def f(x):\n    return x"


def test_elsewhere_code_is_asked_for_in_words(kernel, server):
    kernel.fresh(f"{server.url}/v1")
    server.enqueue(reply("Here:\n\n```python\nx = 1\n```\n"))
    cell = kernel.run("%deepseek -m mine --as code do it")
    path, body = asked(server)
    assert path == "/v1/chat/completions"
    assert set(body) == {"model", "messages", "stream", "stream_options"}
    assert body["messages"][0]["content"].startswith("do it\n\nAnswer with code only: one ```python block")
    assert next_cell(cell) == "x = 1"


# --- filling a gap

SECRET = "sk-0123456789abcdef0123456789abcdef"
GAP = "def mean(values):\n    <fill>\n\nprint(mean([1, 2]))\n"


def test_a_gap_is_filled_as_documented(kernel, server):
    server.enqueue(filled("return sum(values) / len(values)"))
    cell = kernel.run(f"%%deepseek_fim -m deepseek-v4-pro --max-tokens 64 -t 0 --stop X\n{GAP}")
    assert asked(server) == (
        "/beta/completions",
        {
            **PLAIN,
            "model": "deepseek-v4-pro",
            "prompt": "def mean(values):\n    ",
            "suffix": "\n\nprint(mean([1, 2]))",
            "max_tokens": 64,
            "temperature": 0,
            "stop": ["X"],
        },
    )
    assert next_cell(cell) == GAP.replace("<fill>", "return sum(values) / len(values)").rstrip("\n")
    assert cell.notices == []


def filled(text, ends="stop"):
    """A stream of the fill-in-the-middle: text in the place of deltas."""
    chunks = [{"text": text[:3], "finish_reason": None}, {"text": text[3:], "finish_reason": None}]
    return stream(
        *(event({"object": "text_completion", "choices": [{"index": 0, **one}], "usage": None}) for one in chunks),
        event({"object": "text_completion", "choices": [{"index": 0, "text": "", "finish_reason": ends}],
               "model": "deepseek-flash", "usage": usage()}),
        DONE,
    )  # fmt: skip


def test_the_embedded_endpoint_fills_a_gap(kernel, endpoint):
    kernel.fresh(endpoint.url)
    cell = kernel.run(f"%%deepseek_fim\n{GAP}")
    assert next_cell(cell) == GAP.replace("<fill>", "return sum(values) / len(values)").rstrip("\n")
    assert endpoint.requests[-1].path == "/beta/completions"


def test_a_secret_is_masked_in_what_is_sent_and_stays_in_what_is_offered(kernel, server):
    server.enqueue(filled("pass"))
    cell = kernel.run(f"%%deepseek_fim\ntoken = '{SECRET}'\ndef f():\n    <fill>\n# {SECRET}")
    assert SECRET.encode() not in server.requests[-1].body
    assert next_cell(cell) == f"token = '{SECRET}'\ndef f():\n    pass\n# {SECRET}"
    assert SECRET not in kernel.run("%deepseek_sent").outputs[0].data["text/plain"]


def test_a_fill_that_was_cut_is_offered_to_go_on_with(kernel, server):
    server.enqueue(filled("return su", "length"), filled("m(values)"))
    cell = kernel.run(f"%%deepseek_fim --max-tokens 3\n{GAP}")
    assert cell.notices == [
        "Incomplete: cut at --max-tokens 3. <fill> marks the place: run that code below %%deepseek_fim."
    ]
    again = next_cell(cell)
    assert again == f"%%deepseek_fim --max-tokens 3\n{GAP.replace('<fill>', 'return su<fill>')}".rstrip("\n")
    assert "cannot continue" in kernel.run("%deepseek_continue").error
    whole = kernel.run(again)
    assert asked(server)[1]["prompt"] == "def mean(values):\n    return su"
    assert next_cell(whole) == GAP.replace("<fill>", "return sum(values)").rstrip("\n")


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("", "x = 1", "needs one <fill> where code is to be filled in, and found none"),
        ("", "<fill>\n<fill>", "found 2"),
        ("", "<fill>", "there is none"),
        ("--max-tokens 4097", "x = <fill>", "expected at most 4096"),
        ("--as code", "x = <fill>", "%%deepseek_fim: expected "),
        ("please", "x = <fill>", "the code stands below that line"),
    ],
)
def test_what_cannot_be_filled_is_one_line_and_nothing_is_sent(kernel, server, line, code, words):
    cell = kernel.run(f"%%deepseek_fim {line}\n{code}")
    assert words in cell.error
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert next_cell(cell) is None
    assert not server.requests


def test_a_refused_fill_is_one_line(kernel, server):
    server.enqueue(error(402, api_error("Insufficient Balance")))
    cell = kernel.run(f"%%deepseek_fim\n{GAP}")
    assert cell.error.startswith("InsufficientBalance: ")
    assert next_cell(cell) is None


def test_elsewhere_no_gap_is_filled(kernel, server):
    kernel.fresh(f"{server.url}/v1")
    assert "not known to support fill-in-the-middle" in kernel.run(f"%%deepseek_fim -m mine\n{GAP}").error
    assert not server.requests
