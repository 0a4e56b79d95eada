"""The magics have the help and the settings that the tables of commands and options give them."""

from __future__ import annotations

import pytest

from deepseek_magic.app.options import OPTIONS
from deepseek_magic.app.options import help_of as help_of_option
from deepseek_magic.commands.table import LINE_NAMES
from deepseek_magic.magics.deepseek import TRAITS
from tests.kernel import Kernel


def help_of(kernel: Kernel, name: str) -> str:
    (payload,) = kernel.run(f"%{name}?").reply["payload"]
    return payload["data"]["text/plain"]


@pytest.mark.parametrize("name", LINE_NAMES)
def test_every_magic_has_help(loaded, name):
    assert len(help_of(loaded, name)) > 100


def test_the_help_of_a_question_lists_every_option(loaded):
    text = help_of(loaded, "deepseek")
    for option in OPTIONS:
        assert option.spelled in text
        assert help_of_option(option) in text


def test_the_help_of_conversations_lists_every_command(loaded):
    text = help_of(loaded, "deepseek_chat")
    for command in ("list", "NAME", "new", "undo", "reset", "show"):
        assert f"%deepseek_chat {command}" in text


def test_every_trait_of_the_table_is_listed(loaded):
    listed = loaded.run("%config DeepSeek").printed
    for name in ("mcp", *(row.name for row in TRAITS)):
        assert f"DeepSeek.{name}=" in listed


def test_of_the_servers_of_tools_only_the_names_show(loaded):
    assert loaded.value("get_ipython().magics_manager.registry['DeepSeek'].mcp") == {}
    loaded.quietly("%config DeepSeek.mcp = {'time': {'command': 'sh', 'env': {'TOKEN': 'planted-word'}}}")
    shown = loaded.run("print(get_ipython().magics_manager.registry['DeepSeek'].mcp)").printed
    assert "'time': '****'" in shown
    assert "planted-word" not in shown
    loaded.quietly("%config DeepSeek.mcp = None")
    assert loaded.value("get_ipython().magics_manager.registry['DeepSeek'].settings()['mcp']") == {}
