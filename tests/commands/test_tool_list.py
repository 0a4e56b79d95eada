"""What ``--tools`` can offer, listed without starting anything, and with schemas where it is named."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.app.session import Session
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.tool_list import command
from deepseek_magic.errors import ConfigurationError, OptionError
from deepseek_magic.notebook.kernel import Kernel

ENTRY = {"command": "/no/such/program", "env": {"A": "secret-4711"}}


def listed(line="", **config):
    session = Session({})
    (card,) = command(Call(session, config, Kernel(None), line)).show
    session.close()
    return card.data["text/plain"]


def test_the_overview_starts_nothing():
    shown = listed(mcp={"one": ENTRY, "two": {"url": "https://example.org", "trusted": True}})
    assert "mcp:one   a server that is started by a command; not started" in shown
    assert "mcp:two   a server at a URL, trusted; not started" in shown
    assert "secret-4711" not in shown


def test_schemas():
    shown = listed("run")
    assert json.dumps({"code": {"type": "string"}})[:-2][1:] in shown


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        ("mcp:three", OptionError, "no such server"),
        ("weather", OptionError, "nothing is named"),
        pytest.param("mcp:one", Exception, "mcp:one cannot be started", marks=pytest.mark.thorough),
    ],
)
def test_what_cannot_be_listed(line, kind, said):
    with pytest.raises(kind, match=said):
        listed(line, mcp={"one": ENTRY})


def test_a_wrong_setting():
    with pytest.raises(ConfigurationError, match=r"DeepSeek\.mcp"):
        listed(mcp=["one"])
