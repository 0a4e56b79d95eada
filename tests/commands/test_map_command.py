"""A map's line, and the rehearsal that sends nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from deepseek_magic.app.mapping import Wanted, job_of
from deepseek_magic.batch.values import Values
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.map_command import command, parsed, rehearsal
from deepseek_magic.errors import OptionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.render.progress import say_nothing
from tests.batch.asking import answering, session


@pytest.mark.parametrize(
    ("line", "cell", "source", "options", "prompt"),
    [
        ("df.a Say: {value}", None, "df.a", {}, "Say: {value}"),
        ("df['a b'] -j 3 Say {value}", None, "df['a b']", {"jobs": 3}, "Say {value}"),
        ("-m m f(x, y) {value}", None, "f(x, y)", {"model": "m"}, "{value}"),
        ('words "Is {value} good?"', None, "words", {}, "Is {value} good?"),
        ('words "a" or "b": {value}', None, "words", {}, '"a" or "b": {value}'),
        ("words --stop a --stop b", "Say\n{value}\n", "words", {"stop": ("a", "b")}, "Say\n{value}"),
        ("words Begin.", "{value}\n", "words", {}, "Begin.\n\n{value}"),
    ],
)
def test_a_line_is_read(line, cell, source, options, prompt):
    """The first expression is the source, options stand on either side of it, and the rest is the prompt."""
    found = parsed(line, cell)
    assert (found[0], found[1], found[2].strip()) == (source, options, prompt)


def test_a_line_without_values_is_refused():
    """The error shows how a map is written."""
    with pytest.raises(OptionError, match="needs the values first, like: %deepseek_map df"):
        parsed("", "Say {value}")


def test_a_rehearsal_sends_nothing_and_shows_the_first_prompt(server):
    """Equal values count once, and the system text stands before the prompt."""
    wanted = Wanted("Say {value}", {"system": "Be brief."})
    text = rehearsal(job_of(session(server), {}, Values(["a", "b", "a"]), wanted, say_nothing))
    assert text.startswith("This would ask 2 of 3 values: about ")
    assert text.endswith("nothing was sent):\n\nBe brief.\n\nSay a")
    assert server.requests == []


@pytest.fixture
def call(shell, server):
    """Calls ``%deepseek_map`` in a shell whose names are given."""
    server.repeat(answering)
    within, config = session(server), {"renderer": "none"}

    def call(line, cell=None, **names):
        shell.user_ns.update(names)
        return command(Call(within, config, Kernel(shell), line, cell))

    return call


def test_results_go_into_a_column_of_the_frame(call):
    frame = pd.DataFrame({"a": ["x", "y", None]}, index=[7, 8, 9])
    result = call("frame.a -o frame.b --quiet Say {value}", frame=frame)
    assert frame["b"].tolist()[:2] == ["answer to Say x", "answer to Say y"]
    assert frame["b"].isna().tolist() == [False, False, True]
    assert result.value == ["answer to Say x", "answer to Say y", None]
    assert result.show == ()


def test_the_summary_is_shown_and_the_target_is_checked_before_anything_is_asked(call, server):
    assert "2" in call("words Say {value}", words=["x", "y"]).show[0]
    count = len(server.requests)
    for line in ("words -o frame.b {value}", "nothing {value}", "words -o 3x {value}", "words -q -o"):
        with pytest.raises(OptionError):
            call(line, words=["x"], frame=pd.DataFrame({"a": [1, 2]}))
    assert len(server.requests) == count


def test_a_dry_run_sends_nothing(call, server):
    (text,) = call("words --dry-run Say {value}", words=["x"]).show
    assert text.startswith("This would ask 1 of 1 value: about ")
    assert server.requests == []


def test_a_local_name_overrides_the_notebooks(shell, server):
    server.repeat(answering)
    shell.user_ns["words"] = ["global"]
    within = Call(
        session(server), {"renderer": "none"}, Kernel(shell), "words --quiet {value}", None, {"words": ["local"]}
    )
    assert command(within).value == ["answer to local"]


def test_a_sample_is_asked_first_and_shown_with_the_cost_of_all(call, server):
    words = [f"w{number}" for number in range(30)]
    first = call("words --sample 5 Say {value}", words=words)
    assert len(server.requests) == 5
    shown, summary, whole = first.show
    assert shown.data["text/plain"].count("answer to Say w") == 5
    assert "5 asked" in summary
    assert whole.endswith(("to ask the other 25 values.", "to ask the other 25."))
    again = call("words --sample 5 Say {value}", words=words)
    assert again.value == [f"answer to Say {word}" for word in words]
    assert len(server.requests) == 30


def test_off_peak_is_said_where_the_price_does_not_change(call, server, capsys):
    call("words --when off-peak Say {value}", words=["x"])
    assert "the price here does not change with the hour" in capsys.readouterr().out
    assert len(server.requests) == 1
