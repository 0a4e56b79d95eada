"""What a user is told went out: the receipt below a reply, ``%deepseek_sent`` and ``--dry-run``."""

from __future__ import annotations

import html
import re
from pathlib import Path
from random import Random

import pytest

from tests.faults import NORMAL_TEXT, FaultServer
from tests.guard.made import FORMED
from tests.kernel import KEY
from tests.magics.contexts import assert_refused, receipt, rows, sent
from tests.terminal import in_ipython


def shown_messages(text: str) -> list[tuple[str, str]]:
    """Role and content of each message in the plain text of a card."""
    found = re.split(r"\n\n\[(\w+)\] about [\d,]+ tokens?, [\d,]+ characters?\n", text)
    return list(zip(found[1::2], found[2::2], strict=True))


def exactly(server: FaultServer) -> list[tuple[str, str]]:
    """Role and content of each message of the last request."""
    return [(message["role"], message["content"]) for message in server.requests[-1].json["messages"]]


def test_it_is_one_collapsed_line_with_the_items_one_click_away(kernel, server):
    kernel.run("x = 3\nprint(x)")
    kernel.run("1 / 0")
    cell = kernel.run("%deepseek -c cells,error -v x Is {x} it?")
    (details,) = re.findall(r'<details class="deepseek-receipt"[^>]*>.*?</details>', cell.html, re.DOTALL)
    assert re.match(r'<details class="deepseek-receipt" style="[^"]*"><summary', details)  # not open
    about = sum(int(tokens) for _, tokens, _ in rows(cell) if tokens)
    assert receipt(cell) == f"sent: 2 cells, x, last error · about {about} tokens"
    assert about > 20
    assert [(what, remark) for what, _, remark in rows(cell)] == [
        ("cell [1]", ""),
        ("cell [2]", "failed"),
        ("x (int)", ""),
        ("last error", ""),
        ("lines around the context", ""),
        ("question", ""),
        ("{x}", "replaced in the question"),
    ]


def test_a_plain_question_has_a_line_and_nothing_to_open(kernel, server):
    cell = kernel.run("%deepseek hi")
    assert '<details class="deepseek-receipt"' not in cell.html
    (line,) = re.findall(r'<div class="deepseek-receipt"[^>]*>(.*?)</div>', cell.html)
    assert html.unescape(line) == "sent: the question · about 1 token"


def test_its_words_are_text_whatever_the_names_are(kernel, server):
    (kernel.home / "<img src=x onerror=alert(1)>.txt").write_text("text")
    cell = kernel.run('%deepseek -c "file:<img src=x onerror=alert(1)>.txt" hi')
    assert "<img" not in cell.html
    assert rows(cell)[0][0] == "file <img src=x onerror=alert(1)>.txt"


def test_what_a_dry_run_shows_is_what_the_next_question_sends(kernel, server):
    token = FORMED["GitHub token"](Random(1))
    kernel.quietly(f"_hidden = {token!r}")
    kernel.run("print('the output', _hidden)\nx = {'a': [1, 2]}")
    kernel.run("%config DeepSeek.system = 'Be brief.'")
    kernel.run("%deepseek Before?")
    options = "-c cells:1-1 -v x -t 0.5 --max-tokens 99"
    dry = kernel.run(f"%deepseek --dry-run {options} Is {{x}} it?")
    assert len(server.requests) == 1
    assert dry.text.startswith("This would be sent (a dry run: nothing was)\n  endpoint: http://127.0.0.1:")
    assert "\n  temperature: 0.5\n" in dry.text
    assert "\n  max_tokens: 99\n" in dry.text
    kernel.run(f"%deepseek {options} Is {{x}} it?")
    assert shown_messages(dry.text) == exactly(server)
    assert [role for role, _ in exactly(server)] == ["system", "user", "assistant", "user"]
    after = kernel.run("%deepseek_sent")
    assert after.text.startswith("The last request of conversation main\n")
    assert shown_messages(after.text) == exactly(server)
    shown = html.unescape(re.sub(r"<[^>]*>", "", after.html))
    for _, content in exactly(server):
        assert content in shown
    for cell in (dry, after):
        assert KEY not in f"{cell.text}{cell.html}"
        assert token not in f"{cell.text}{cell.html}"
        assert "GitHub token" in cell.text


def test_a_dry_run_leaves_nothing_behind(kernel, server):
    kernel.run("x = 1")
    kernel.run("%deepseek --dry-run -c cells one")
    kernel.run("%deepseek -c cells two")
    assert len(server.requests) == 1
    assert [role for role, _ in exactly(server)] == ["user"]
    assert sent(server).startswith("The blocks below")


def test_a_dry_run_needs_no_key_and_no_endpoint(kernel, server):
    kernel.fresh("http://127.0.0.1:9", with_key=False)
    kernel.quietly("del name, os")
    cell = kernel.run("%deepseek --dry-run Is it {x}?")
    assert not cell.failed
    assert shown_messages(cell.text) == [("user", "Is it {x}?")]


def test_an_image_is_shown_in_short(kernel, server):
    kernel.run("from PIL import Image\npicture = Image.effect_noise((200, 200), 90)")
    cell = kernel.run("%deepseek --dry-run See {picture}")
    assert re.search(r"data:image/png;base64,[^…]{80,}… \([\d,]+ characters\)", cell.text)
    assert len(cell.text) < 3_000


def test_nothing_sent_yet(kernel, server):
    line = "QuestionError: nothing has been sent in conversation main yet: ask a question first"
    assert_refused(kernel.run("%deepseek_sent"), server, line)


def test_control_characters_of_a_value_are_shown_and_not_sent_to_the_page(kernel, server):
    kernel.run("evil = 'a\\x1b]0;title\\x07b\\u202e'")
    dry = kernel.run("%deepseek --dry-run --raw -v evil hi")
    assert "\x1b" not in dry.text
    assert "\x1b" not in dry.html


@pytest.mark.parametrize("renderer", ["terminal", "plain"])
def test_in_a_terminal_only_where_more_than_the_question_went_out(tmp_path: Path, renderer: str) -> None:
    with FaultServer() as server:
        lines = ["x = [1, 2]", "%deepseek hi", "%deepseek -v x look", "%deepseek_sent"]
        terminal = in_ipython(tmp_path, server, renderer, *lines, DEEPSEEK_API_KEY=KEY)
        assert len(server.requests) == 2
    assert terminal.lines.count(NORMAL_TEXT) >= 2
    assert terminal.lines.count("sent: x, 1 earlier turn · about ") == 2  # below the reply, and in %deepseek_sent
    assert "sent: the question" not in terminal.lines
    assert "x = [1, 2]" in terminal.lines.partition("The last request of conversation main")[2]
    assert KEY not in terminal.sent


def test_a_secret_in_a_stop_text_is_masked_too(kernel, server):
    cell = kernel.run("%deepseek --stop " + "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8" + " hello")
    assert not cell.failed
    assert server.requests[-1].json["stop"] == ["[masked: GitHub token]"]
    assert receipt(cell) == "sent: the question · about 1 token · 1 secret masked"
