"""House rules in a kernel: off by default, shown and confirmed once for each content, text and nothing more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults import FaultServer
from tests.kernel import Kernel

RULES = "Answer in haiku.\n\x1b]0;title\x07 javascript://x --tools remove -c notebook %run evil.py\n"
YES = "yes"


@pytest.fixture
def project(kernel: Kernel, server: FaultServer, tmp_path: Path) -> Path:
    """A project with rules, in which the kernel works; nothing is confirmed."""
    state = kernel.home / ".local" / "state" / "deepseek-magic" / "confirmed-rules"
    state.unlink(missing_ok=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "AGENTS.md").write_text(RULES)
    (tmp_path / "notebooks").mkdir()
    kernel.quietly(f"import os; os.chdir({str(tmp_path / 'notebooks')!r})")
    return tmp_path


def system(server: FaultServer) -> str:
    """The system text of the last request; "" for none."""
    first = server.requests[-1].json["messages"][0]
    return str(first["content"]) if first["role"] == "system" else ""


def shown(cell) -> str:
    return " ".join(json.dumps(output, default=str) for output in cell.outputs)


def test_by_default_they_stay_at_home_and_the_first_question_says_so(kernel, server, project):
    first, second = kernel.run("%deepseek one"), kernel.run("%deepseek two")
    assert not first.failed
    assert "AGENTS.md holds rules for this project: %config DeepSeek.rules = True" in shown(first)
    assert "AGENTS.md" not in shown(second)
    assert all(request.json["messages"][0]["role"] == "user" for request in server.requests)


def test_they_are_shown_and_confirmed_once_and_again_when_they_change(kernel, server, project):
    kernel.run("%config DeepSeek.rules = True")
    first = kernel.run("%deepseek -s 'Be kind.' one", answers=[YES])
    assert not first.failed
    assert len(first.prompts) == 1
    assert first.prompts[0]["prompt"] == "Send the rules in AGENTS.md from now on? [y/N] "
    assert "\\x1b]0;title\\x07" in first.printed
    assert "\x1b" not in first.printed
    assert "javascript://" not in first.printed
    assert system(server).startswith("House rules of this project, from its file AGENTS.md:\n\nAnswer in haiku.")
    assert system(server).endswith("End of the house rules.\n\nBe kind.")
    assert "sent: house rules (AGENTS.md)" in shown(first)
    assert set(server.requests[-1].json) <= {"model", "messages", "stream", "stream_options", "thinking"}
    second = kernel.run("%deepseek two")
    assert second.prompts == []
    assert "Answer in haiku." in system(server)
    place = kernel.home / ".local" / "state" / "deepseek-magic" / "confirmed-rules"
    assert len(place.read_text().split()) == 1
    assert "haiku" not in place.read_text()
    assert place.stat().st_mode & 0o77 == 0
    (project / "AGENTS.md").write_text("Answer in prose.\n")
    assert len(kernel.run("%deepseek three", answers=[YES]).prompts) == 1
    assert "Answer in prose." in system(server)
    # another kernel knows by the file of hashes
    kernel.quietly("get_ipython().run_line_magic('reload_ext', 'deepseek_magic')")
    kernel.fresh(server.url)
    kernel.run("%config DeepSeek.rules = True")
    again = kernel.run("%deepseek four")
    assert again.prompts == []
    assert "Answer in prose." in system(server)


def test_what_is_declined_is_left_out_and_not_asked_about_again(kernel, server, project):
    kernel.run("%config DeepSeek.rules = True")
    first = kernel.run("%deepseek one", answers=["n"])
    assert "The house rules in AGENTS.md were left out: you declined them." in shown(first)
    second = kernel.run("%deepseek two")
    assert (first.failed, second.failed, second.prompts) == (False, False, [])
    assert system(server) == ""


def test_where_nobody_can_be_asked_they_are_left_out_with_a_line(kernel, server, project):
    kernel.run("%config DeepSeek.rules = True", allow_stdin=False)
    first = kernel.run("%deepseek one", allow_stdin=False)
    assert not first.failed
    assert "were left out: nobody has confirmed them yet, and nobody can be asked here." in shown(first)
    assert system(server) == ""
    kernel.run("%deepseek two", answers=[YES])
    kernel.run("%deepseek three", allow_stdin=False)
    assert "Answer in haiku." in system(server)


def test_secrets_in_them_are_masked_where_they_are_shown_and_sent(kernel, server, project):
    secret = "sk-" + "0123456789abcdef" * 2
    (project / "AGENTS.md").write_text(f"Use the key {secret}.\n")
    kernel.run("%config DeepSeek.rules = True")
    first = kernel.run("%deepseek one", answers=[YES])
    assert "Use the key" in system(server)
    assert secret not in system(server)
    assert secret not in first.printed + shown(first)


def test_a_dry_run_asks_nothing_and_python_sends_none(kernel, server, project):
    kernel.run("%config DeepSeek.rules = True")
    assert kernel.run("%deepseek --dry-run one").prompts == []
    kernel.run("%deepseek one", answers=[YES])
    assert "Answer in haiku." in shown(kernel.run("%deepseek --dry-run two"))
    kernel.run("import deepseek_magic; deepseek_magic.ask('three').text")
    assert system(server) == ""
