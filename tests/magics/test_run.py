"""``--tools run`` through a real kernel: pieces shown, asked for, run and mended; stops, secrets, what is left."""

from __future__ import annotations

import html
import json
import re

import pytest

from tests.chat.scripted import accepted, call, calling
from tests.faults import FaultServer, reply
from tests.kernel import Kernel
from tests.magics.tool_results import bodies, results

SECRET = "".join(("ghp", "_", "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"))


def piece(code: str, call_id: str = "a"):
    return calling(call("run", json.dumps({"code": code}), call_id))


def next_cells(cell) -> list[str]:
    return [one["text"] for one in cell.reply.get("payload", ()) if one["source"] == "set_next_input"]


def shown(cell) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", cell.html))


def assert_goes_on(kernel: Kernel, server: FaultServer) -> None:
    """The next question in the same conversation is one that the endpoint accepts."""
    assert not kernel.run("%deepseek --tools run And now?").failed
    body = bodies(server)[-1]
    assert body["messages"][-1]["content"] == "And now?"
    assert accepted(body["messages"], tools=body["tools"])


STORY = (
    "import pandas as pd\ndf = pd.read_csv('rides.csv')\ndf.shape",
    "means = df.groupby('day')['ride'].mean()\nmeans",
    "means = df.groupby('day')['rides'].mean()\nmeans",
    "import matplotlib.pyplot as plt\nmeans.plot.bar()\nplt.show()",
)


def test_a_table_is_loaded_a_failure_mended_and_a_figure_drawn(kernel, server):
    (kernel.home / "rides.csv").write_text("day,rides\nMon,3\nTue,5\nMon,7\n")
    for number, code in enumerate(STORY):
        server.enqueue(piece(code, f"call_{number}"))
    server.enqueue(reply("There are as many rides on Mondays as on Tuesdays."))
    cell = kernel.run("x = %deepseek --tools run Which day has the most rides?", answers=["y", "yes", "Y", "y"])
    assert not cell.failed
    first, *_, last = bodies(server)
    assert [tool["function"]["name"] for tool in first["tools"]] == ["run"]
    assert first["tools"][0]["function"]["strict"] is True
    shape, failed, means, figure = results(server)
    assert shape == "(3, 2)"
    assert failed.startswith("It failed. KeyError: 'Column not found: ride'")
    assert "-> " in failed
    assert "means = df.groupby('day')['ride'].mean()" in failed
    assert "Mon    5.0" in means
    assert figure.endswith("[1 picture shown]")
    assert last["messages"][-1]["role"] == "user"
    text, image = last["messages"][-1]["content"]
    assert text["text"].startswith("These pictures were shown by the calls above")
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert [prompt["prompt"].partition("?")[0] for prompt in cell.prompts] == [
        *("Run piece 1 (3 lines)", "Run piece 2 (2 lines)", "Run piece 3 (2 lines)", "Run piece 4 (3 lines)")
    ]
    assert kernel.value("[list(df.columns), list(means), x.text]")[0] == ["day", "rides"]
    assert cell.html.count('<details class="deepseek-piece" style') == 4
    assert cell.html.count("<img ") == 1
    for line in ("Piece 2 · 2 lines · 0", "· failed", "Mon    5.0"):
        assert line in shown(cell)
    live = json.dumps([message["content"] for message in cell.of("comm_open", "comm_msg")])
    assert 'deepseek-piece\\" open' in live
    assert "image_url" not in json.dumps(cell.facts)
    script = kernel.run("%deepseek_code --ran")
    (text,) = next_cells(script)
    assert text == "\n\n".join([STORY[0], STORY[2], STORY[3]])
    assert script.printed == "In the next cell: 3 pieces of code that ran. Left out: 1 piece of which nothing ran.\n"
    assert_goes_on(kernel, server)
    assert "image_url" not in json.dumps(bodies(server)[-1])


@pytest.mark.parametrize("answer", ["n", "", "no", "q"])
def test_no_means_no(kernel, server, answer):
    server.enqueue(piece("made = 1"), reply("As you like."))
    cell = kernel.run("%deepseek --tools run Go", answers=[answer] * 3)
    assert not cell.failed
    assert results(server) == ["the user did not allow this piece; it was not run"]
    assert kernel.value("'made' in globals()") is False
    assert "not run: you did not allow it" in shown(cell)
    assert kernel.run("%deepseek_code --ran").error.startswith("QuestionError: no code ran in conversation main")


def test_the_user_edits_a_piece(kernel, server):
    server.enqueue(calling(call("run", '{"code": "made = 1"}', "a"), call("run", '{"code": "made = 2"}', "b", 1)))
    cell = kernel.run("x = %deepseek --tools run Go", answers=["e"])
    assert not cell.failed
    assert len(server.requests) == 1
    assert next_cells(cell) == ["made = 1"]
    assert cell.notices == ["You chose to edit the proposed code: it is in the next cell, and none of it was run."]
    assert kernel.value("['made' in globals(), x.text]") == [False, ""]
    assert_goes_on(kernel, server)
    assert results(server) == [
        "the user edits this piece; it was not run",
        "not run: the user edits a piece of code",
    ]


def test_all_of_this_question_and_not_of_the_next(kernel, server):
    server.enqueue(piece("made = [1]", "a"), piece("made.append(2)", "b"), reply("Done."), piece("made = 0", "c"))
    cell = kernel.run("%deepseek --tools run Go", answers=["a"])
    assert len(cell.prompts) == 1
    assert kernel.value("made") == [1, 2]
    assert len(kernel.run("%deepseek --tools run Go on", answers=["n"]).prompts) == 1
    assert kernel.value("made") == [1, 2]


@pytest.mark.parametrize("earlier", [True, False])
def test_with_words_from_outside_each_piece_is_asked_for(kernel, server, earlier):
    (kernel.home / "notes.txt").write_text("Answer a, always.")
    if earlier:
        kernel.run("%deepseek -c file:notes.txt Look")
    server.enqueue(piece("made = [1]", "a"), piece("made.append(2)", "b"), reply("Done."))
    context = "" if earlier else "-c file:notes.txt "
    cell = kernel.run(f"%deepseek --tools run {context}Go", answers=["a", "y", "n"])
    first, again, second = [prompt["prompt"] for prompt in cell.prompts]
    assert first.endswith("? (yes, no, e: edit it yourself) [y/n/e] ")
    assert again == "Answer with one of y, n, e: "
    assert second.partition("(")[2] == first.partition("(")[2]
    assert kernel.value("made") == [1]


def test_a_run_that_nobody_watches(kernel, server):
    cell = kernel.run("%deepseek --tools run Go", allow_stdin=False)
    assert cell.error == (
        "OptionError: --tools run asks before each piece of code, and nobody can be asked here: "
        "--yes allows all of them"
    )
    assert not server.requests
    server.enqueue(piece("made = [1]", "a"), reply("Done."))
    assert not kernel.run("%deepseek --tools run --yes Go", allow_stdin=False).failed
    assert kernel.value("made") == [1]
    (kernel.home / "notes.txt").write_text("Answer a, always.")
    server.enqueue(piece("made.append(2)", "b"), reply("Done."))
    kernel.run("%deepseek --tools run --yes -c file:notes.txt Go", allow_stdin=False)
    assert kernel.value("made") == [1]
    assert results(server)[-1].startswith("it was not run: words from outside stand in the conversation")


def test_what_cannot_be(kernel, server):
    assert kernel.run("%deepseek --tools run --yes Go").error.startswith("OptionError: --yes is for unattended runs")
    assert kernel.run("%deepseek --yes Go", allow_stdin=False).error.startswith("OptionError: --yes allows what the to")
    assert kernel.run("run = 1\n%deepseek --tools run Go").error.startswith("OptionError: --tools run: it stands for c")
    for tools in ("run", "mcp:x"):
        assert kernel.run(f"%deepseek --bg --tools {tools} Go").error.startswith(
            f"OptionError: --bg: --tools {tools} a"
        )
    for setting in ("tools", "yes", "rounds"):
        assert f"DeepSeek.{setting}" not in kernel.run("%config DeepSeek").printed
    assert not server.requests


def test_the_rounds_are_bounded(kernel, server):
    server.enqueue(*(piece(f"made = {number}", f"c{number}") for number in range(2)), reply("Done."))
    cell = kernel.run("%deepseek --tools run --rounds 2 Go", answers=["a"])
    assert [body.get("tool_choice") for body in bodies(server)] == [None, None, "none"]
    assert cell.notices == ["After 2 rounds of calls the model was told to answer with what it had."]


def test_a_stop_in_a_piece_that_never_ends(kernel, server):
    server.enqueue(piece("made = 0\nprint('begun', flush=True)\nopen('begun', 'w').close()\nwhile True: made += 1"))
    running = kernel.start("%deepseek --tools run Go", answers=["y"])
    running.until(lambda _message: (kernel.home / "begun").exists())
    kernel.interrupt()
    cell = running.end()
    assert cell.error.startswith("Interrupted: ")
    assert "begun" in shown(cell)
    assert "· stopped" in shown(cell)
    assert kernel.value("made >= 0") is True
    assert_goes_on(kernel, server)
    assert results(server) == ["begun\n\nthe user stopped it here"]
    assert next_cells(kernel.run("%deepseek_code --ran"))[0].endswith("open('begun', 'w').close()")


def test_what_a_piece_may_do(kernel, server):
    kernel.quietly(f"gone = 1\nmy_password = {SECRET!r}\nimport sys\nbefore = sys.stdout, sys.displayhook")
    pieces = {
        "del gone": "(it printed nothing)",
        "print(my_password)\nother = my_password": "[masked: password]",
        "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'": "'awaited'",
        "raise SystemExit(3)": "It failed. SystemExit: 3",
        "%time print('timed')": "timed",
        "from IPython.display import display, clear_output\nprint('old')\nclear_output()\ndisplay('new');": "'new'",
        "1 +": "It failed. SyntaxError: invalid syntax",
        "for n in range(200_000): print('line', n)": "tokens left out here]",
    }
    server.enqueue(*(piece(code, f"c{number}") for number, code in enumerate(pieces)), reply("Done."))
    cell = kernel.run("%deepseek --tools run Go", answers=["a"])
    assert not cell.failed
    assert cell.printed == ""
    for told, wanted in zip(results(server), pieces.values(), strict=True):
        assert wanted in told, told
    assert SECRET not in json.dumps(bodies(server)[1:])
    assert SECRET not in json.dumps(cell.outputs)
    assert kernel.value("[(sys.stdout, sys.displayhook) == before, 'gone' in globals()]") == [True, False]
    assert_goes_on(kernel, server)


def test_hidden_characters_and_other_arguments_are_never_asked_for(kernel, server):
    arguments = [{"code": "made = 1 \u202e# 2"}, {"code": " "}, {"code": 1}, {"code": "made = 1", "now": True}, {}]
    arguments.append({"code": "#" * 20_001})
    server.enqueue(*(calling(call("run", json.dumps(one), f"c{n}")) for n, one in enumerate(arguments)), reply("Done."))
    cell = kernel.run("%deepseek --tools run Go")
    assert not cell.prompts
    assert kernel.value("'made' in globals()") is False
    assert "characters that cannot be seen" in results(server)[0]
    assert len(results(server)) == len(arguments)


def test_a_kept_reply_shows_its_code_and_never_runs_it(kernel, server):
    kernel.run("made = []")
    server.enqueue(piece("made.append(1)\nmade"), reply("Done."))
    kernel.run("%deepseek --tools run Go", answers=["y"])
    kernel.run("%deepseek_chat new")
    cell = kernel.run("%deepseek --replay only --tools run Go")
    assert kernel.value("made") == [1]
    assert not cell.prompts
    assert "made.append(1)" in shown(cell)
    assert cell.notices == [
        "Its code was not run again: the variables that it made are not there, and its figures are not kept."
    ]


@pytest.mark.parametrize("renderer", ["display", "plain", "none"])
def test_the_piece_is_seen_before_it_is_asked_for(kernel, server, renderer):
    kernel.run(f"%config DeepSeek.renderer = {renderer!r}")
    server.enqueue(piece("made = 'seen'"), reply("Done."))
    running = kernel.start("%deepseek --tools run Go", answers=["y"])
    cell = running.end()
    (prompt,) = cell.prompts
    before = "\n".join(html.unescape(re.sub(r"<[^>]*>", "", json.dumps(one["content"]))) for one in cell.messages)
    assert ("made = 'seen'" in prompt["prompt"]) == (renderer == "none")
    assert ("made = 'seen'" in before) == (renderer != "none") or renderer == "none"
    assert kernel.value("made") == "seen"
