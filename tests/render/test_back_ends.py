"""What the back ends share: the status line, the bundle that stays, the colours of code."""

from __future__ import annotations

import re

from deepseek_magic.api.events import KeepAlive, ReasoningDelta, Retrying, TextDelta, Waiting
from deepseek_magic.render import safe_html
from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.renderer import Ending
from deepseek_magic.render.status import Status
from deepseek_magic.text import counted


class TestStatus:
    def test_it_tells_what_goes_on_and_for_how_long(self) -> None:
        status = Status(0.0)
        assert status.line(2.0) == "waiting · 2 s"
        status.fold([KeepAlive()], 3.0)
        assert status.line(3.0) == "waiting in the endpoint's queue · 3 s"
        status.fold([Retrying(2, 0.5, "HTTP 503")], 4.0)
        assert status.line(4.0) == "retrying in 0.5 s (try 2): HTTP 503"
        status.fold([Waiting(2)], 4.5)
        status.fold([ReasoningDelta("thought " * 20)], 5.0)
        assert status.line(7.0) == "thinking · 2 s · 23 tokens"
        status.fold([TextDelta("a")], 8.0)
        assert status.thought(20.0) == "Thinking · 3 s · 23 tokens"
        assert status.line(9.0) == "writing · 9 s"
        assert status.line(20.0) == "writing · 20 s · no text for 12 s"

    def test_one_token_is_one_token(self) -> None:
        status = Status(0.0)
        status.fold([ReasoningDelta("I")], 1.0)
        assert status.line(1.0) == "thinking · 0 s · 1 token"
        assert status.thought(1.0) == "Thinking · 0 s · 1 token"
        assert counted(1_000, "token") == "1,000 tokens"


def test_the_bundle_holds_the_exact_source_and_no_markdown() -> None:
    """Tools that prefer markdown would parse the model's text without our walls."""
    made = bundle(Ending("<b>&\x1b", reasoning="r", thought="Thinking · 1 s · 2 tokens", notices=("n",), footer="f"))
    assert sorted(made) == ["text/html", "text/plain"]
    assert made["text/plain"] == "<b>&\x1b"
    assert "\x1b" not in made["text/html"]


def test_code_is_coloured_inline_where_the_front_end_has_no_rules_for_it() -> None:
    html = safe_html.answer("```python\ndef f(): return 'a' + 1  # it\n```\n")
    inline = safe_html.recoloured(html)
    assert 'class="k"' in html
    assert not re.search(r'class="[ksm]"', inline)
    for name in ("keyword", "string", "number"):
        assert f"color:var(--jp-mirror-editor-{name}-color,#" in inline
        assert f"color:var(--jp-mirror-editor-{name}-color,#" not in html
    assert safe_html.recoloured(safe_html.answer('`<span class="k">`')) == safe_html.answer('`<span class="k">`')
