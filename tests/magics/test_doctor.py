"""``%deepseek_doctor`` in a real kernel: a card, JSON, and what it says where ipywidgets is not installed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.environments import without
from tests.faults import FaultServer
from tests.kernel import Kernel


def test_it_shows_a_card_or_json_and_sends_nothing_that_costs(kernel: Kernel, server: FaultServer) -> None:
    card = kernel.run("%deepseek_doctor").text
    assert card.startswith("Doctor: ")
    assert "from the variable DEEPSEEK_API_KEY" in card
    assert "JupyterLab (as recognised; DeepSeek.front_end overrides it), formulas are for MathJax" in card
    assert "replies are shown by the back end widget" in card
    told = json.loads(kernel.run("%deepseek_doctor --json").printed)
    assert told["ok"] is True
    assert {request.method for request in server.requests} == {"GET"}


def test_it_asks_before_it_streams(kernel: Kernel, server: FaultServer) -> None:
    cell = kernel.start("%deepseek_doctor --stream", answers=["y"]).end()
    assert "at most 40 tokens. Go on? [y/N]" in cell.prompts[0]["prompt"]
    assert [request.method for request in server.requests] == ["GET", "GET", "POST"]
    cell = kernel.start("%deepseek_doctor --stream", allow_stdin=False).end()
    assert not cell.failed
    assert [request.method for request in server.requests][3:] == ["GET", "GET"]
    assert kernel.run("%deepseek_doctor --steram").error.startswith("OptionError: %deepseek_doctor takes --stream")


def test_the_status_card_names_what_it_found(kernel: Kernel, server: FaultServer) -> None:
    kernel.quietly("%config DeepSeek.model = 'not-there'")
    assert "model: wrong" not in kernel.run("%deepseek").text
    assert "not-there is not offered" in kernel.run("%deepseek_doctor").text
    assert "1 to fix (model)" in kernel.run("%deepseek").text


def test_without_ipywidgets_it_says_what_to_install(tmp_path: Path) -> None:
    with FaultServer() as server, Kernel(tmp_path, **without(tmp_path / "modules", "ipywidgets")) as kernel:
        kernel.fresh(server.url)
        card = kernel.run("%deepseek_doctor").text
        assert "ipywidgets is not installed" in card
        assert "pip install ipywidgets" in card
