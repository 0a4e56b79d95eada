"""What tools send: no secret in what they are told by, and every result in the receipt."""

from __future__ import annotations

import json
import re

import pytest

from tests.chat.scripted import call, calling
from tests.faults import reply
from tests.magics.contexts import receipt, rows

TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"
TOOLS = f'''
import enum, typing
def tl(x: int, how: typing.Literal["{TOKEN}", "plain"] = "plain"):
    """Uses {TOKEN}.

    Args:
        x: goes with {TOKEN}
    """
    return "key {TOKEN}"
def long(password: str = "type"): return "word " * 5000
'''


@pytest.fixture
def server(server, kernel):
    kernel.quietly(TOOLS)
    return server


def test_no_secret_in_what_a_tool_is_told_by(kernel, server):
    server.enqueue(reply("Hm."))
    cell = kernel.run("%deepseek --tools tl,long Go")
    assert not cell.failed
    body = server.requests[0].body.decode()
    assert TOKEN not in body
    told, other = (tool["function"] for tool in server.requests[0].json["tools"])
    assert re.fullmatch(r"Uses \[masked: [^]]+\]\.", told["description"])
    properties = told["parameters"]["properties"]
    assert re.fullmatch(r"goes with \[masked: [^]]+\]", properties["x"]["description"])
    assert properties["x"]["type"] == "integer"
    assert properties["how"]["enum"][1] == "plain"
    assert other["parameters"]["properties"] == {"password": {"type": "string"}}
    assert receipt(cell).startswith("sent: the question, 2 tools · about ")
    assert receipt(cell).endswith(" tokens · 3 secrets masked")
    masked, plain, _question = rows(cell)
    assert masked[0] == "definition of tl"
    assert masked[2].startswith("masked: ")
    assert plain[0] == "definition of long"
    assert plain[2] == ""


def test_a_guard_that_refuses_names_the_tool(kernel, server):
    kernel.run("%config DeepSeek.guard = 'refuse'")
    cell = kernel.run("%deepseek --tools tl Go")
    assert cell.failed
    assert "the description of tl holds a secret" in cell.error
    assert not server.requests
    assert kernel.run("%deepseek --tools long --dry-run Go").failed is False


def test_results_are_in_the_receipt(kernel, server):
    server.enqueue(
        calling(call("tl", '{"x": 1}', "a"), call("long", "{}", "b", 1)),
        calling(call("none", "{}", "c")),
        reply("Done."),
    )
    cell = kernel.run("%deepseek --tools tl,long Go")
    line = receipt(cell)
    assert line.startswith("sent: the question, 2 tools, 3 tool results · about ")
    assert line.endswith(" · 1 cut or left out · 4 secrets masked")
    told = {title: (tokens, remark) for title, tokens, remark in rows(cell)}
    results = ["result of tl", "result of long", "result of none"]
    assert list(told) == ["definition of tl", "definition of long", "question", "the model's calls", *results]
    assert told["result of tl"][1].startswith("masked: ")
    assert told["result of long"][1].startswith("cut: about ")
    tokens = sum(int(tokens.replace(",", "")) for tokens, _ in told.values())
    (said,) = re.findall(r"about ([\d,]+) tokens", line)
    assert int(said.replace(",", "")) == tokens
    sent = kernel.run("%deepseek_sent")
    assert "3 tool results" in json.dumps([output.get("data", {}) for output in sent.outputs])


def test_earlier_results_are_of_earlier_turns(kernel, server):
    server.enqueue(
        calling(call("tl", '{"x": 1}', "a")), reply("Done."), calling(call("tl", '{"x": 1}', "a")), reply(".")
    )
    kernel.run("%deepseek --tools tl Go")
    cell = kernel.run("%deepseek --tools tl And again?")
    assert receipt(cell).startswith("sent: the question, 1 tool, 1 tool result, 1 earlier turn · about ")


def test_a_result_that_was_never_sent_is_not_in_the_receipt(kernel, server):
    kernel.quietly("def stops():\n    raise KeyboardInterrupt")
    server.enqueue(calling(call("tl", '{"x": 1}', "a"), call("stops", "{}", "b", 1)))
    cell = kernel.run("%deepseek --tools tl,stops Go")
    assert cell.failed
    assert len(server.requests) == 1
    assert "result" not in receipt(cell)


def test_a_function_of_any_arguments_alone_is_refused(kernel, server):
    kernel.quietly("def var(*args, **kwargs): return 1")
    cell = kernel.run("%deepseek --tools var Go")
    assert cell.failed
    assert "--tools var: it takes only *args/**kwargs; give it named parameters" in cell.error
    assert not server.requests
