"""``%deepseek_map`` through a real kernel: sources, targets, options, what is shown, and stops."""

from __future__ import annotations

import json

import pytest

from tests.batch.asking import answering, prices, prompt_of, prompts
from tests.faults import FaultServer, Hang, api_error, chunk, error, reply, stream
from tests.kernel import Kernel, assert_secret

_WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def server(kernel):
    with FaultServer() as server:
        server.repeat(answering)
        kernel.fresh(server.url)
        kernel.quietly(
            "import pandas\n"
            "df = pandas.DataFrame({'review': ['good', 'bad', 'good'], 'a col': ['x', None, 'z']}, index=[7, 3, 7])\n"
            "words = ['one', 'two', 'one']"
        )
        yield server
        assert_secret(kernel, server)


def frame(kernel: Kernel, expression: str = "df") -> dict[str, list]:
    """A frame's columns, a missing value as ``None``."""
    return kernel.value(
        f"{{str(name): [None if value is None else value for value in {expression}[name].tolist()]"
        f" for name in {expression}.columns}}"
    )


def test_a_column_becomes_a_column(kernel, server):
    cell = kernel.run("%deepseek_map df.review -o df.topic Name the topic of {value}")
    assert not cell.failed
    answers = [f"answer to Name the topic of {value}" for value in ("good", "bad", "good")]
    assert frame(kernel)["topic"] == answers
    assert kernel.value("df.index.tolist()") == [7, 3, 7]
    assert sorted(prompts(server)) == ["Name the topic of bad", "Name the topic of good"]
    assert cell.printed == (
        "Asking 2 of 3 values (not asked: 1 missing, duplicate or already known): about 10 tokens in.\n"
        "3 values · 2 asked · 20 + 40 tokens\n"
    )


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("words Say {value}", "Say one"),
        ('words "Say {value}, {x}"', "Say one, {x}"),
        ("words 'It is {value}'", "It is one"),
        ("words It's {value}", "It's one"),
        ("words --jobs 3 -- -x {value}", "-x one"),
        ("[word for word in words if word] {value}?", "one?"),
        ('df["a col"].fillna("one") {value}', "one"),
        ("-o out words Say {value}", "Say one"),
        ('words Say "{value}" or "no"', 'Say "one" or "no"'),
        ("(word for word in ['one', \"one\"]) {value}", "one"),
    ],
)
def test_the_source_is_an_expression_and_the_rest_is_the_prompt(kernel, server, line, sent):
    cell = kernel.run(f"%deepseek_map {line}")
    assert not cell.failed, cell.error
    assert sent in prompts(server)


def test_the_prompt_of_a_cell(kernel, server):
    cell = kernel.run('%%deepseek_map words -o out\nSay "{value}"\n\n{"a": 1}\nwhat?')
    assert not cell.failed
    assert prompts(server)[0].endswith('"\n\n{"a": 1}\nwhat?')
    assert kernel.value("out[0]") == 'answer to Say "one"\n\n{"a": 1}\nwhat?'


def test_a_list_gives_a_list_and_a_series_a_series(kernel, server):
    kernel.run("%deepseek_map words -o listed <{value}>")
    kernel.run("%deepseek_map df['a col'] -o labelled <{value}>")
    assert kernel.value("listed") == [f"answer to <{word}>" for word in ("one", "two", "one")]
    assert kernel.value("[type(labelled).__name__, labelled.index.tolist(), labelled.tolist()]") == [
        "Series",
        [7, 3, 7],
        ["answer to <x>", None, "answer to <z>"],
    ]


@pytest.mark.parametrize("target", ['df["a new"]', "df['a new']", "\"df['a new']\""])
def test_a_column_whose_name_has_a_blank(kernel, server, target):
    assert not kernel.run(f"%deepseek_map df.review -o {target} <{{value}}>").failed
    assert frame(kernel)["a new"] == ["answer to <good>", "answer to <bad>", "answer to <good>"]


_SCHEMAS = """
from dataclasses import dataclass
from typing import Literal, TypedDict
@dataclass
class Review:
    topic: str
    stars: int
class Labelled(TypedDict):
    topic: str
    stars: int
import pydantic
class Model(pydantic.BaseModel):
    topic: str
    stars: int
json_schema = {"type": "object", "properties": {"topic": {"type": "string"}, "stars": {"type": "integer"}}}
"""


@pytest.mark.parametrize("schema", ["Review", "Labelled", "Model", "json_schema"])
def test_a_schema_gives_several_columns(kernel, server, schema):
    kernel.quietly(_SCHEMAS)
    server.repeat(lambda request: reply(json.dumps({"topic": prompt_of(request)[-4:], "stars": 3})))
    cell = kernel.run(f"%deepseek_map df.review -o df.my --schema {schema} Review:{{value}}")
    assert not cell.failed
    assert frame(kernel, "df[['my_topic', 'my_stars']]") == {"my_topic": ["good", ":bad", "good"], "my_stars": [3] * 3}
    kernel.run(f"%deepseek_map df.review -o parts --schema {schema} Review:{{value}}")
    assert frame(kernel, "parts") == {"topic": ["good", ":bad", "good"], "stars": [3] * 3}
    assert kernel.value("parts.index.tolist()") == [7, 3, 7]
    assert len(server.requests) == 2


@pytest.mark.parametrize(("schema", "text", "value"), [("int", "4", 4), ("Literal['a', 'b']", '"b"', "b")])
def test_a_schema_of_one_value_gives_one_column(kernel, server, schema, text, value):
    kernel.quietly(_SCHEMAS)
    server.repeat(reply(f'{{"value": {text}}}'))
    assert not kernel.run(f'%deepseek_map df.review -o df.one --schema "{schema}" <{{value}}>').failed
    assert frame(kernel)["one"] == [value] * 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "needs the values first"),
        ("words", "there is no prompt"),
        ("words no place", "no {value}"),
        ("nothing {value}", "NameError"),
        ("df {value}", "name one column"),
        ("'text' {value}", "expected a column or a list, found a str"),
        ("words -o df.x.y {value}", "FRAME.column"),
        ("words -o 1x {value}", "expected a variable's name"),
        ("words -o class {value}", "expected a variable's name"),
        ("words -o nowhere.x {value}", "there is no variable nowhere"),
        ("words -o words.x {value}", "words is not a pandas DataFrame but a list"),
        ("words[:2] -o df.x {value}", "the frame has 3 rows, and there are 2 values"),
        ("words --jobs 0 {value}", "--jobs: expected a whole number from 1"),
        ("words --schema nothing {value}", "--schema"),
        ("words --colour red {value}", "unknown option --colour"),
        ("words --max-cost 1 {value}", "is not known"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_asked(kernel, server, line, words):
    cell = kernel.run(f"%deepseek_map {line}")
    assert cell.failed
    assert words in cell.error
    assert not server.requests


def test_a_frame_of_a_function_is_the_one_that_is_filled(kernel, server):
    kernel.quietly("df_outside = df")
    cell = kernel.run(
        "def fill():\n    df = df_outside.copy()\n    %deepseek_map df.review -o df.mine <{value}>\n    return df\n"
        "mine = fill()"
    )
    assert not cell.failed
    assert frame(kernel, "mine")["mine"][1] == "answer to <bad>"
    assert "mine" not in frame(kernel)


def test_failures_are_told_and_the_rest_is_bound(kernel, server):
    def answer(request):
        return error(400, api_error("too long")) if prompt_of(request) == "<bad>" else answering(request)

    server.repeat(answer)
    cell = kernel.run("results = %deepseek_map df.review -o df.topic <{value}>")
    assert not cell.failed
    assert frame(kernel)["topic"] == ["answer to <good>", None, "answer to <good>"]
    assert list(kernel.value("results.errors")) == ["1"]
    assert "1 failed (the first at position 1: BadRequest: " in cell.printed


def test_a_refused_key_stops_all_with_one_line(kernel, server):
    server.enqueue(answering)
    server.repeat(error(401, api_error("no such key")))
    cell = kernel.run("%deepseek_map [str(n) for n in range(200)] --jobs 1 -o out <{value}>")
    assert cell.failed
    assert cell.error.startswith("DeepSeekError: stopped, because every value would fail like this one: Authentication")
    assert len(server.requests) == 2
    assert kernel.value("out[:3]") == ["answer to <0>", None, None]


def test_a_limit_stops_with_one_line_and_keeps_what_came(kernel, server, tmp_path):
    path = prices(tmp_path, server, completion=1_000_000 / 20)  # a reply is 20 tokens: a dollar
    kernel.run(f"%config DeepSeek.prices = {path!r}")
    cell = kernel.run("%deepseek_map [str(n) for n in range(50)] --max-cost 3 -o out <{value}>")
    assert cell.failed
    assert cell.error.startswith("CostLimit: stopped at --max-cost 3: about $3.00 so far")
    assert len(server.requests) == 3
    assert kernel.value("sum(one is not None for one in out)") == 3
    assert "for just the prompts" in cell.printed
    usage = kernel.run("%deepseek_usage")
    assert "$3.00" in usage.text
    again = kernel.run("%deepseek_map [str(n) for n in range(50)] --max-cost 60 -o out <{value}>")
    assert not again.failed
    assert "47 asked · 470 + 940 tokens · about $47.00" in again.printed


def test_new_asks_again_and_without_it_nothing_is_asked_twice(kernel, server):
    for option, requests in (("", 2), ("", 2), ("--fresh", 4)):
        assert not kernel.run(f"%deepseek_map words {option} -o out <{{value}}>").failed
        assert len(server.requests) == requests


def test_quiet_shows_nothing_and_the_value_is_in_the_last_result(kernel, server):
    cell = kernel.run("%deepseek_map words --quiet <{value}>")
    assert cell.outputs == []
    assert kernel.value("[_, type(_).__name__]") == [
        ["answer to <one>", "answer to <two>", "answer to <one>"],
        "Mapped",
    ]


def test_a_dry_run_sends_nothing(kernel, server):
    cell = kernel.run("%deepseek_map words --dry-run -s Brief. Say {value}")
    assert not cell.failed
    assert not server.requests
    assert "This would ask 2 of 3 values: about 8 tokens in" in cell.printed
    assert cell.printed.endswith("nothing was sent):\n\nBrief.\n\nSay one\n")


def test_an_interrupt_keeps_what_is_finished_and_the_next_run_asks_the_rest(kernel, server):
    def answer(request):
        if prompt_of(request) in ("<0>", "<1>", "<2>"):
            return answering(request)
        return stream(chunk({"role": "assistant", "content": "half"}), Hang())

    server.repeat(answer)
    kernel.quietly("numbers = pandas.DataFrame({'n': [str(n) for n in range(30)]})")
    running = kernel.start("%deepseek_map numbers.n -o numbers.said --jobs 10 <{value}>")
    assert server.wait_requests(13)
    kernel.interrupt()
    cell = running.end()
    assert cell.failed
    assert cell.error == "Interrupted: stopped; every finished value is kept: run it again to continue"
    said = [f"answer to <{number}>" for number in range(30)]
    assert frame(kernel, "numbers")["said"] == [*said[:3], *[None] * 27]
    assert server.open_connections >= 10  # they are not waited for
    server.repeat(answering)
    under_way = set(prompts(server)) - {"<0>", "<1>", "<2>"}
    kernel.fresh(server.url)  # the ten that hang would be waited for, as they are paid for
    assert not kernel.run("%deepseek_map numbers.n -o numbers.said --jobs 10 <{value}>").failed
    assert frame(kernel, "numbers")["said"] == said
    assert len(under_way) == 10


def test_replies_that_come_after_the_interrupt_are_not_asked_for_again(kernel, server):
    server.repeat(lambda request: reply(f"answer to {prompt_of(request)}", delay=0.05))
    kernel.quietly("numbers = [str(n) for n in range(40)]")
    running = kernel.start("%deepseek_map numbers -o said --jobs 10 <{value}>")
    assert server.wait_requests(15)
    kernel.interrupt()
    assert running.end().failed
    assert 0 < kernel.value("sum(one is None for one in said)") < 40
    assert not kernel.run("%deepseek_map numbers -o said --jobs 10 <{value}>").failed
    assert kernel.value("said") == [f"answer to <{number}>" for number in range(40)]
    assert len(server.requests) == len(set(prompts(server))) == 40


def test_the_bar_is_a_widget_while_it_runs_and_text_in_the_saved_notebook(kernel, server):
    cell = kernel.run("%deepseek_map words <{value}>")
    live = [message["content"]["data"] for message in cell.of("display_data")]
    assert [_WIDGET in data for data in live] == [True]
    (saved,) = cell.displays
    assert list(saved.data) == ["text/plain"]
    assert "100%" in saved.data["text/plain"]
    assert "2/2" in saved.data["text/plain"]


def test_a_run_that_nobody_watches_has_no_bar(kernel, server):
    cell = kernel.run("%deepseek_map words <{value}>", allow_stdin=False)
    assert [output.output_type for output in cell.outputs] == ["stream"]
    assert cell.outputs[0].name == "stdout"


def test_without_widgets_the_bar_is_text(kernel, server):
    hidden = "import sys; kept = {n: sys.modules.pop(n) for n in list(sys.modules) if n.startswith('ipywidgets')}\n"
    kernel.quietly(hidden + "sys.modules['ipywidgets'] = None")
    try:
        cell = kernel.run("%deepseek_map words <{value}>")
    finally:
        kernel.quietly("sys.modules.pop('ipywidgets'); sys.modules.update(kept)")
    assert not cell.failed
    assert not cell.displays
    assert "2/2" in "".join(output.text for output in cell.outputs if output.name == "stderr")


def test_python_code_maps_in_the_session_of_the_kernel(kernel, server):
    cell = kernel.run(
        "import deepseek_magic\n"
        "mapped = deepseek_magic.map(df.review, 'Rate {value}', schema=int, jobs=2, show=False, model='m')\n"
    )
    assert not cell.failed
    server.repeat(reply('{"value": 5}'))
    kernel.run("mapped = deepseek_magic.map(df.review, 'Rate {value}', schema=int, show=False, model='m')")
    assert kernel.value("[mapped, mapped.to_series().index.tolist(), mapped.to_frame()['value'].tolist()]") == [
        [5, 5, 5],
        [7, 3, 7],
        [5, 5, 5],
    ]
    assert server.requests[0].json["model"] == "m"
