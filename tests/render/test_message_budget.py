"""A live view sends no more than its text pays for, and is painted as often as it can be."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from ipywidgets import Widget

from deepseek_magic.api.events import ReasoningDelta, TextDelta
from deepseek_magic.render import pacing, places
from deepseek_magic.render.back_ends.widget import WidgetRenderer
from deepseek_magic.render.message_budget import HTML, PAINT, WIDGET, Allowance
from deepseek_magic.render.renderer import Ending
from deepseek_magic.render.stage import Stage
from tests.benchmarks.limits import PACE
from tests.benchmarks.texts import TOKEN, text

PROSE = "A sentence of **some** words that a reader can follow, one by one. " * 12 + "\n\n"
CODE = "```python\ndef f(a, b=2):\n    return [a * b for a in range(10)]  # twice\n```\n\n"
TABLE = "| a | b | c |\n|---|---|---|\n" + "| 1 | `two` | three |\n" * 30 + "\n"
SECTION = f"<details>\n<summary>all of it</summary>\n\n{PROSE * 4}{CODE * 20}</details>\n"


def test_nothing_is_left_of_it_for_ever() -> None:
    """Paints without text between them come to an end, and text makes room for more."""
    allowance = Allowance()
    allowance.widget(0)
    allowance.widget(0)
    painted = 0
    while allowance.covers(2000, 1.0, html=2000, source=500):
        allowance.paint(2000)
        painted += 1
        assert painted < 100
    assert painted
    assert allowance.covers(2000, 1.0, html=20_000, source=5_000)


def test_who_has_waited_longer_may_have_more() -> None:
    """So that what is left is spread over the text to come."""
    allowance = Allowance()
    allowance.widget(0)
    allowance.widget(0)
    assert not allowance.covers(7000, 0.1, html=2500, source=500)
    assert allowance.covers(7000, 1.0, html=2500, source=500)


def test_a_paint_that_opens_a_widget_weighs_less_than_it_earns() -> None:
    allowance = Allowance()
    allowance.widget(0)
    allowance.widget(0)
    assert not allowance.covers(7000, 0.1, html=2500, source=500)
    assert allowance.covers(7000, 0.1, opens=True, html=2500, source=500)


@pytest.mark.parametrize("kind", ["prose", "code", "table", "mix"])
def test_text_that_comes_fast_is_painted_each_time_from_its_beginning(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 200 tokens a second, and a paint that takes no time: none is left out to pay for the others."""
    monkeypatch.setattr(pacing, "thread_time", lambda: 0.0)
    monkeypatch.setattr(places, "display", lambda *_args, **_options: SimpleNamespace(display_id="x"))
    renderer, now = _on_a_clock(monkeypatch)
    renderer.open()
    reply, step = text(kind, 600), round(pacing.GATHER / PACE) * TOKEN
    for start in range(0, len(reply), step):
        now[0] += pacing.GATHER + 0.001
        renderer.show([TextDelta(reply[start : start + step])])
        assert renderer._pacer.rested == 0, f"not painted after {start + step} characters"
    renderer.close(Ending(text=reply))


@pytest.mark.parametrize("text", [PROSE * 8, CODE * 40, TABLE * 5, SECTION], ids=["prose", "code", "table", "section"])
@pytest.mark.parametrize("thinking", [False, True])
def test_all_messages_keep_to_it(text: str, thinking: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a pace at which every burst of text could be painted; messages without their headers, which are the lab's."""
    sent: list[int] = []
    opened: list[int] = []
    painted: list[int] = []
    before = Widget._send

    def counted(self: Widget, message: Any, buffers: Any = None) -> None:
        sent.append(len(json.dumps(message)) + _HEADERS)
        painted.append("value" in message.get("state", {}))
        before(self, message, buffers)

    monkeypatch.setattr(Widget, "_send", counted)
    monkeypatch.setattr(Widget, "open", _counting(Widget.open, opened))
    monkeypatch.setattr(places, "display", lambda *_args, **_options: SimpleNamespace(display_id="x"))
    renderer, now = _on_a_clock(monkeypatch)
    renderer.open()
    kind = ReasoningDelta if thinking else TextDelta
    for start in range(0, len(text), 40):
        now[0] += 0.15
        renderer.show([kind(text[start : start + 40])])
    ending = Ending(text="" if thinking else text, reasoning=text if thinking else "")
    _, final = renderer._final(ending)
    renderer.close(ending)
    widgets = len(renderer._make.made) - 1 if renderer._make else 0
    html = len(final["text/html"])
    everything = sum(sent) + sum(opened) + 2 * _HEADERS + len(json.dumps(final))
    allowed = HTML * html + WIDGET * widgets + PAINT * sum(painted)
    assert everything <= allowed
    assert sum(painted) > len(text) / 400, "it is hardly painted at all"


_HEADERS = 450


def _on_a_clock(monkeypatch: pytest.MonkeyPatch) -> tuple[WidgetRenderer, list[float]]:
    """Return a renderer without a thread, and its clock."""
    renderer, now = WidgetRenderer(Stage()), [0.0]
    renderer._pacer._clock = lambda: now[0]
    monkeypatch.setattr(renderer._pacer, "start", lambda: None)
    return renderer, now


def _counting(function: Any, sizes: list[int]) -> Any:
    def opened(self: Widget) -> None:
        sizes.append(len(json.dumps(self.get_state(), default=str)) + _HEADERS)
        function(self)

    return opened
