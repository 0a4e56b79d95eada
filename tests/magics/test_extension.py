"""Loading is light, silent and undone by unloading; completion comes from the table of options."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from deepseek_magic.app.options import OPTIONS
from deepseek_magic.commands.table import LINE_NAMES
from tests.faults import NORMAL_TEXT, FaultServer
from tests.kernel import Kernel, environment

SNAPSHOT = """
import json
shell = get_ipython()
def snapshot():
    hooks = shell.strdispatchers["complete_command"]
    return {
        "line": sorted(shell.magics_manager.magics["line"]),
        "cell": sorted(shell.magics_manager.magics["cell"]),
        "registry": sorted(shell.magics_manager.registry),
        "configurables": sorted(type(thing).__name__ for thing in shell.configurables),
        "cleanup": [repr(type(thing)) + getattr(thing, "__name__", "")
                    for thing in shell.input_transformer_manager.cleanup_transforms],
        "line transforms": len(shell.input_transformer_manager.line_transforms),
        "token transformers": len(shell.input_transformer_manager.token_transformers),
        "transformers post": len(shell.input_transformers_post),
        "ast": len(shell.ast_transformers),
        "events": {name: len(those) for name, those in shell.events.callbacks.items()},
        "hooks": sorted(map(str, hooks.strs)) + sorted(map(str, hooks.regexs)),
        "custom completers": len(shell.Completer.custom_matchers),
        "custom exceptions": repr(shell.custom_exceptions),
        "namespace": sorted(name for name in shell.user_ns if "deepseek" in name.lower()),
    }
"""


@pytest.fixture
def unloaded(kernel):
    kernel.fresh("http://127.0.0.1:9")
    kernel.quietly("get_ipython().extension_manager.unload_extension('deepseek_magic')")
    kernel.quietly(SNAPSHOT)
    return kernel


def test_loading_shows_nothing_and_sends_nothing(unloaded):
    with FaultServer() as server:
        unloaded.quietly(f"import os; os.environ['DEEPSEEK_BASE_URL'] = {server.url!r}")
        cell = unloaded.run("%load_ext deepseek_magic")
        assert not cell.failed
        assert cell.outputs == []
        assert not server.requests
        assert [message["msg_type"] for message in cell.messages] == ["status", "execute_input", "status"]


def test_unloading_undoes_everything(unloaded):
    before = unloaded.value("snapshot()")
    unloaded.run("%load_ext deepseek_magic")
    assert unloaded.value("snapshot()") != before
    cell = unloaded.run("%unload_ext deepseek_magic")
    assert cell.outputs == []
    assert unloaded.value("snapshot()") == before
    assert "not found" in unloaded.run("%deepseek hello").printed


def test_unloading_after_use_undoes_everything(unloaded):
    before = unloaded.value("snapshot()")
    with FaultServer() as server:
        unloaded.quietly(f"import os; os.environ['DEEPSEEK_BASE_URL'] = {server.url!r}")
        unloaded.run("%load_ext deepseek_magic")
        assert unloaded.run("%deepseek why?").text == NORMAL_TEXT
        unloaded.run("%deepseek_demo")
        unloaded.run("%deepseek why?")
        unloaded.run("%unload_ext deepseek_magic")
        assert server.wait_disconnect()
    assert unloaded.value("snapshot()") == before
    threads = unloaded.value("[t.name for t in __import__('threading').enumerate()]")
    assert not [name for name in threads if "deepseek" in name or "pacer" in name]


def test_loading_again_works(unloaded):
    with FaultServer() as server:
        unloaded.quietly(f"import os; os.environ['DEEPSEEK_BASE_URL'] = {server.url!r}")
        unloaded.run("%load_ext deepseek_magic")
        loaded = unloaded.value("snapshot()")
        unloaded.run("%unload_ext deepseek_magic")
        unloaded.run("%load_ext deepseek_magic")
        assert unloaded.value("snapshot()") == loaded
        unloaded.run("%reload_ext deepseek_magic")
        assert unloaded.value("snapshot()") == loaded
        assert "already loaded" in unloaded.run("%load_ext deepseek_magic").printed
        assert unloaded.run("%deepseek why?").text == NORMAL_TEXT
        assert server.requests[0].json["messages"][-1]["content"] == "why?"


def test_unloading_forgets_the_conversation(unloaded):
    with FaultServer() as server:
        unloaded.quietly(f"import os; os.environ['DEEPSEEK_BASE_URL'] = {server.url!r}")
        unloaded.run("%load_ext deepseek_magic")
        unloaded.run("%deepseek one")
        unloaded.run("%reload_ext deepseek_magic")
        unloaded.run("%deepseek two")
        assert [message["content"] for message in server.requests[-1].json["messages"]] == ["two"]


def run_python(code: str, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment(home), capture_output=True, text=True, check=True)


def test_loading_imports_nothing_heavy(tmp_path):
    code = (
        "import sys, json\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "before = set(sys.modules)\n"
        "shell.run_line_magic('load_ext', 'deepseek_magic')\n"
        "heavy = ('requests', 'urllib3', 'ipywidgets', 'markdown', 'nh3', 'rich', 'keyring',\n"
        "         'http.client', 'http.server', 'socketserver')\n"
        "print(json.dumps([name for name in heavy if name in sys.modules and name not in before]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == []


def test_the_version_is_cheap(tmp_path):
    code = "import sys, deepseek_magic; deepseek_magic.__version__; print([m for m in sys.modules if 'deepseek' in m])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert set(ast.literal_eval(done.stdout)) <= {"deepseek_magic", "deepseek_magic.version"}


def completions(kernel: Kernel, code: str) -> list[str]:
    reply = kernel.client.complete(code, reply=True, timeout=120)
    return reply["content"]["matches"]


@pytest.mark.parametrize("magic", ["%deepseek", "%%deepseek"])
def test_options_are_completed(loaded, magic):
    assert completions(loaded, f"{magic} --") == [option.flag for option in OPTIONS]
    assert completions(loaded, f"{magic} -t 1 --th") == ["--think"]


def test_values_of_options_are_completed(loaded):
    assert {"cells", "needs", "vars", "file:"} <= set(completions(loaded, "%deepseek -c "))
    assert completions(loaded, "answer = %deepseek --think hi") == ["high"]
    assert {"list", "reset", "main"} <= set(completions(loaded, "%deepseek_chat "))


def test_names_of_magics_are_completed(loaded):
    found = completions(loaded, "%deepsee")
    for name in LINE_NAMES:
        assert f"%{name}" in found


def test_nothing_is_completed_after_unloading(unloaded):
    assert not [found for found in completions(unloaded, "%deepsee") if "deepseek" in found]
    assert "--think" not in completions(unloaded, "%deepseek --th")


def test_a_setting_that_is_none_is_a_line_where_it_is_loaded(unloaded):
    """In place of a traceback; corrected, it is loaded."""
    unloaded.quietly("get_ipython().config.DeepSeek.thinking = 'on'")
    cell = unloaded.run("%load_ext deepseek_magic")
    assert cell.failed
    assert cell.error.startswith("ConfigurationError: a setting cannot be used: The 'thinking' trait ")
    assert cell.error.endswith(": correct it where it was set (%config, or IPython's own configuration) and load again")
    unloaded.quietly("get_ipython().config.DeepSeek.thinking = 'high'")
    assert not unloaded.run("%load_ext deepseek_magic").failed
    unloaded.quietly("del get_ipython().config.DeepSeek['thinking']")


SECRET_OF_TOOLS = "secret-of-tools-5a1c"


def test_a_setting_that_no_question_could_be_asked_with_is_refused_as_it_is_set(loaded):
    """In a line that names it; the value before it stays. It used to fail with each question."""
    (loaded.home / "wrong.json").write_text(
        '{"as_of": "2026-01-01", "models": {"m": {"cache_miss": 1, "output": -1}}}', encoding="utf-8"
    )
    for name, good, bad, said in (
        ("temperature", 0.5, 99, "DeepSeek.temperature is 99.0: expected a number from 0 to 2"),
        ("budget", 2.0, -1, "DeepSeek.budget is -1.0: expected US dollars, more than 0"),
        ("max_tokens", 9, 0, "DeepSeek.max_tokens is 0: expected a whole number from 1"),
        ("stop", ["a"], [""], "DeepSeek.stop is ['']: expected at most 16 strings"),
        (
            "prices",
            "later.json",
            "wrong.json",
            "DeepSeek.prices: prices: models.m.output is -1: expected US dollars for ",
        ),
        ("search_url", "https://a.example", "ftp://x", "DeepSeek.search_url: bad URL "),
        ("context", "needs", "nedes", "DeepSeek.context: "),
        ("base_url", "ollama", "ollma", "DeepSeek.base_url: bad URL 'ollma': "),
        ("dialect", "vllm", "vlm", "DeepSeek.dialect: dialect is 'vlm': expected one of deepseek, "),
    ):
        loaded.run(f"%config DeepSeek.{name} = {good!r}")
        cell = loaded.run(f"%config DeepSeek.{name} = {bad!r}")
        (line,) = cell.printed.splitlines()
        assert said in line
        assert repr(good) in loaded.run(f"%config DeepSeek.{name}").outputs[0].data["text/plain"]
        loaded.run(f"%config DeepSeek.{name} = {good!r}")
        loaded.quietly(f"del get_ipython().config.DeepSeek[{name!r}]")


def test_a_server_of_tools_that_cannot_be_one_is_refused_as_it_is_set(loaded):
    """It is named, and no value; what a variable is for may be set later, and a file may be written later."""
    good = {"a": {"command": "x", "env": {"T": "${NOT_SET_YET}"}}}
    loaded.run(f"%config DeepSeek.mcp = {good!r}")
    (loaded.home / "bad.json").write_text(f'{{"mcpServers": {{"b": {{"command": ["{SECRET_OF_TOOLS}"]}}}}}}')
    for bad, name in (({**good, "b": 7}, "b"), ({"c": {"url": SECRET_OF_TOOLS}}, "c"), ("bad.json", "b")):
        (line,) = loaded.run(f"%config DeepSeek.mcp = {bad!r}").printed.splitlines()
        assert f": server '{name}': expected " in line
        assert SECRET_OF_TOOLS not in line
        assert loaded.run("%config DeepSeek.mcp").outputs[0].data["text/plain"] == "{'a': '****'}"
    assert not loaded.run("%config DeepSeek.mcp = 'later.json'").printed
    (loaded.home / "later.json").write_text('{"a": {"command": "no-such-command"}, "b": 7}')
    said = loaded.run("%deepseek_tools mcp:a").error
    assert "server 'b'" not in said
    assert "mcp:a" in said
    assert "server 'b'" in loaded.run("%deepseek_tools mcp:b").error
    loaded.quietly("del get_ipython().config.DeepSeek['mcp']")


def test_loading_that_failed_leaves_nothing_behind(unloaded):
    """IPython enters the magics among those that %config sets and shows before their settings are read."""
    count = "snapshot()['configurables'].count('DeepSeek')"
    for name, value in (("thinking", "on"), ("budget", "little"), ("mcp", 5)):
        unloaded.quietly(f"get_ipython().config.DeepSeek.{name} = {value!r}")
        assert unloaded.run("%load_ext deepseek_magic").failed
        assert unloaded.value(count) == 0
        unloaded.quietly(f"del get_ipython().config.DeepSeek[{name!r}]")
    assert not unloaded.run("%load_ext deepseek_magic").failed
    assert unloaded.value(count) == 1
    unloaded.run("%unload_ext deepseek_magic")
    assert unloaded.value(count) == 0
