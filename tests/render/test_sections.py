"""One growing text in widgets: full ones that stay, boxes that stay small, and what each widget tells the page."""

from __future__ import annotations

from html import unescape

from ipywidgets import VBox

from deepseek_magic.render import safe_html
from deepseek_magic.render.sections import Maker, Section

PARAGRAPH = "more " * 60 + "\n\n"


def leaves(parts) -> list[str]:
    return [html for part in parts for html in (leaves(part.children) if isinstance(part, VBox) else [part.value])]


def boxes(parts) -> list[VBox]:
    return [box for part in parts if isinstance(part, VBox) for box in (part, *boxes(part.children))]


def grown(section: Section, count: int) -> None:
    for _ in range(count):
        section.add(PARAGRAPH)
        section.take()
        section.commit()
        section.paint()


def test_the_parts_show_the_text_in_order():
    section = Section(Maker())
    assert section.empty
    section.add("# One\n\n")
    section.take()
    assert not section.empty
    section.paint()
    grown(section, 30)
    html = "".join(leaves(section.parts))
    assert html.index("One") < html.index("more")
    assert html.count("more") == 60 * 30


def test_full_parts_never_change_again_and_no_box_grows_wide():
    section, kept = Section(Maker()), []
    for _ in range(100):
        grown(section, 1)
        now = leaves(section.parts)
        assert now[: len(kept)] == kept
        kept = now[:-1]
    assert len(kept) > 40
    assert all(len(box.children) <= 16 for box in boxes(section.parts))
    assert len(boxes(section.parts)) > 2


def test_little_text_is_one_part():
    section = Section(Maker())
    section.add("a\n\nb\n\n")
    section.take()
    section.commit()
    section.paint()
    assert len(section.parts) == 1


def test_what_is_read_out_is_full_and_never_changes_again():
    section, other = Section(Maker(), heard=True), Section(Maker())
    for _ in range(30):
        grown(section, 1)
        grown(other, 1)
        *full, tail = leaves(section.parts)
        assert all('aria-live="polite"' in html for html in full)
        assert "aria-live" not in tail
    assert len(full) > 10
    assert not any("aria-live" in html for html in leaves(other.parts))


def test_only_the_first_and_the_last_block_of_the_text_stand_at_an_edge():
    """The lab gives headings at an edge of their element another margin: what follows would move in the end."""
    section = Section(Maker())
    grown(section, 30)
    first, *between, last = leaves(section.parts)
    edge = "<span></span></div>"
    begun = '<div class="deepseek jp-RenderedHTMLCommon" style="overflow-wrap:break-word"><span></span>'
    assert len(between) > 5
    assert all(html.endswith(edge) for html in (first, *between))
    assert all(html.startswith(begun) for html in (*between, last))
    assert not first.startswith(begun)
    assert not last.endswith(edge)


def test_collapsed_it_is_one_text():
    section = Section(Maker())
    grown(section, 10)
    section.collapse(safe_html.text("short"))
    assert len(section.parts) == 1
    assert "short" in section.parts[0].value


def test_widgets_share_a_layout_and_have_no_style():
    make = Maker()
    first, second = make.text(), make.text(safe_html.text("<b>"))
    assert first.layout is second.layout is make.box(first).layout
    assert first.style is None
    assert second.value == str(safe_html.text("<b>"))
    assert [type(widget).__name__ for widget in make.made] == ["Layout", "_Text", "_Text", "VBox"]
    assert set(first.keys) == {"_model_module", "_model_module_version", "_model_name", "value", "layout"}


def test_painting_the_same_again_sends_nothing():
    make = Maker()
    widget, changes = make.text(), []
    widget.observe(changes.append, "value")
    for text in ("a", "a", "b"):
        make.paint(widget, safe_html.text(text))
    assert len(changes) == 2


def test_the_cells_of_a_table_and_the_colours_of_code_are_sent_without_quotes():
    """Their text keeps its own."""
    section = Section(Maker())
    section.add('| a |\n|---|\n| <td style="x"> |\n\n```python\nif x: print("y")\n```\n')
    section.take()
    section.paint()
    shown = section.parts[0].value
    assert "<td style=text-align:left>&lt;td style=" in shown
    assert '"x"' in unescape(shown)
    assert "<span class=k>if </span>" in shown


def test_the_look_of_the_front_end_is_on_every_text():
    make = Maker(safe_html.recoloured)
    code = safe_html.answer("```python\nx = 'a'\n```\n")
    assert 'class="s"' not in make.text(code).value
    widget = make.text()
    make.paint(widget, code)
    assert widget.value == str(safe_html.recoloured(code))


def test_a_scroller_changes_only_what_is_new():
    make = Maker()
    scroller = make.scroller()
    (inner,) = scroller.box.children
    changes = []
    inner.observe(changes.append, "children")
    children = (make.text(),)
    scroller.fill(children)
    scroller.fill(children)
    assert (inner.children, len(changes)) == (children, 1)


def test_an_output_shows_a_widget_by_its_model():
    make = Maker()
    shown = make.text()
    bundle = make.output(shown)
    (view,) = bundle.values()
    output = next(widget for widget in make.made if widget.model_id == view["model_id"])
    assert output.outputs[0]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"] == shown.model_id
