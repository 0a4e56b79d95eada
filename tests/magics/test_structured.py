"""Values instead of prose, through a real kernel: what is sent, bound and shown, and what is refused in a line."""

from __future__ import annotations

import html
import json
import re
import threading

import pytest

from deepseek_magic.structured.instructions import instructions
from deepseek_magic.structured.schema import ROWS
from tests.faults import FaultServer, Hang, chunk, deltas, finish, gated, reply, stream
from tests.kernel import Cell, Kernel
from tests.strict_endpoint import StrictEndpoint
from tests.terminal import Terminal, in_ipython

DEFINED = """
import dataclasses, datetime, enum, typing, pydantic
class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"
@dataclasses.dataclass
class Sale:
    customer: str
    amount: float
    day: datetime.date
    mood: Mood = Mood.GOOD
class Place(typing.TypedDict):
    city: str
    people: int
class Model(pydantic.BaseModel):
    name: str
    size: int = pydantic.Field(ge=0)
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
"""
SALES = [
    {"customer": "Ann", "amount": 12.5, "day": "2026-01-31", "mood": "good"},
    {"customer": "Bob", "amount": 3, "day": "2026-02-01", "mood": "bad"},
]
NUMBERS = [{"n": number, "word": f"word{number}"} for number in range(12)]


@pytest.fixture
def server(server, kernel):
    kernel.quietly(DEFINED)
    return server


def value(kernel: Kernel, expression: str) -> str:
    return str(kernel.value(f"repr({expression})"))


def rows(cell: Cell) -> list[list[str]]:
    """The cells of the final table, row by row, as they are read."""
    answer = cell.html.partition('class="deepseek-answer"')[2].partition('class="deepseek-footer"')[0]
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", answer, re.DOTALL)
    texts = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in found]
    return [[html.unescape(re.sub(r"<[^>]*>", "", one)) for one in row] for row in texts]


def test_any_json(kernel, server):
    server.enqueue(reply('{"cities": ["Oslo", "Rome"], "n": 2}'))
    cell = kernel.run("reply = %deepseek --as json -o cities Which cities?")
    (request,) = server.requests
    body = request.json
    assert request.path == "/chat/completions"
    assert body["response_format"] == {"type": "json_object"}
    assert body["thinking"] == {"type": "disabled"}
    assert body["messages"] == [{"role": "user", "content": f"Which cities?\n\n{instructions()}"}]
    assert set(body) == {"model", "messages", "stream", "stream_options", "thinking", "response_format"}
    assert kernel.value("cities") == {"cities": ["Oslo", "Rome"], "n": 2}
    assert kernel.value("[reply.json == cities == reply.value, type(reply).__name__]") == [True, "Reply"]
    assert cell.text == '{"cities": ["Oslo", "Rome"], "n": 2}'
    assert not cell.notices
    for word in ("cities", "Oslo", "Rome"):
        assert word in cell.html
    assert cell.facts["state"] == "complete"


@pytest.mark.parametrize(
    ("schema", "given", "built"),
    [
        ("SCHEMA", {"n": 3}, "{'n': 3}"),
        (
            "Sale",
            SALES[0],
            "Sale(customer='Ann', amount=12.5, day=datetime.date(2026, 1, 31), mood=<Mood.GOOD: 'good'>)",
        ),
        ("Place", {"city": "Oslo", "people": 700000}, "{'city': 'Oslo', 'people': 700000}"),
        ("Model", {"name": "a", "size": 1}, "Model(name='a', size=1)"),
        ("list[int]", {"items": [1, 2]}, "[1, 2]"),
        ("'dict[str, Mood] | None'", {"value": {"a": "bad"}}, "{'a': <Mood.BAD: 'bad'>}"),
        ("int", {"value": 3}, "3"),
        ("Mood", {"value": "bad"}, "<Mood.BAD: 'bad'>"),
    ],
)
def test_a_schema_and_what_is_bound(kernel, server, schema, given, built):
    server.enqueue(reply(json.dumps(given)))
    cell = kernel.run(f"%deepseek --schema {schema} -o x Go")
    assert not cell.failed, cell.error
    assert value(kernel, "x") == built
    assert cell.text == json.dumps(given)


def test_the_schema_may_be_a_local_name(kernel, server):
    server.enqueue(reply('{"items": [{"n": 1}]}'))
    kernel.run(
        "def f():\n    import dataclasses\n    @dataclasses.dataclass\n    class Row:\n        n: int\n"
        "    r = %deepseek --schema list[Row] Go\n    return r.value[0].n\ny = f()"
    )
    assert kernel.value("y") == 1


def test_a_frame_with_the_types_of_its_schema(kernel, server):
    server.enqueue(reply(json.dumps({"items": SALES})))
    cell = kernel.run("reply = %deepseek --as df --schema list[Sale] -o sales Sales?")
    assert not cell.failed
    kinds = kernel.value("{name: str(kind) for name, kind in sales.dtypes.items()}")
    assert list(kinds) == ["customer", "amount", "day", "mood"]
    assert kinds["amount"] == "float64"
    assert kinds["day"].startswith("datetime64")
    assert kernel.value("[type(sales).__name__, len(sales), reply.value is sales]") == ["DataFrame", 2, True]
    assert kernel.value("reply.json") == SALES
    assert rows(cell) == [
        ["customer", "amount", "day", "mood"],
        ["Ann", "12.5", "2026-01-31", "good"],
        ["Bob", "3", "2026-02-01", "bad"],
    ]


def test_a_frame_without_a_schema(kernel, server):
    server.enqueue(reply(json.dumps({"items": NUMBERS})))
    kernel.run("%deepseek --as df -o numbers Numbers?")
    assert server.requests[0].json["messages"][0]["content"] == f"Numbers?\n\n{instructions(ROWS)}"
    assert kernel.value("[list(numbers.columns), str(numbers.n.dtype), len(numbers)]") == [["n", "word"], "int64", 12]


def test_thinking_where_the_user_says_so(kernel, server):
    server.enqueue(reply('{"n": 1}', reasoning="Hm."))
    kernel.run("x = %deepseek --as json --think low Go")
    body = server.requests[0].json
    assert (body["thinking"], body["reasoning_effort"]) == ({"type": "enabled"}, "low")
    assert kernel.value("[x.value, x.reasoning]") == [{"n": 1}, "Hm."]


def test_context_and_expressions_go_along(kernel, server):
    server.enqueue(reply('{"n": 1}'))
    kernel.quietly("table = [1, 2, 3]")
    kernel.run('%deepseek --as json -v table Count {table} as {"n": 1}')
    content = server.requests[0].json["messages"][0]["content"]
    assert content.startswith("The blocks below are data")
    assert 'as {"n": 1}' in content
    assert content.endswith(instructions())


def test_a_wrong_reply_is_asked_for_again(kernel, server):
    server.enqueue(reply('{"n": "three"}'), reply('{"n": 3}'))
    cell = kernel.run("%deepseek --schema SCHEMA -o x Go")
    assert kernel.value("x") == {"n": 3}
    assert cell.text == '{"n": 3}'
    assert cell.notices == [
        'The first reply did not fit (n: expected a whole number, found "three"); this is the second.'
    ]
    said, correction = server.requests[1].json["messages"][-2:]
    assert said == {"role": "assistant", "content": '{"n": "three"}'}
    assert "- n: expected a whole number" in correction["content"]


def test_a_reply_that_does_not_fit_is_an_error_and_binds_nothing(kernel, server):
    kernel.quietly("x = 'as before'")
    server.enqueue(reply('{"n": "three"}'), reply('{"n": "four <b>"}'))
    cell = kernel.run("%deepseek --schema SCHEMA -o x Go")
    assert cell.error == (
        "DoesNotFit: the reply does not fit what was asked for: n: expected a whole number, "
        'found "four <b>"; its text is kept, and it was asked for twice: run the cell again, or ask for less'
    )
    assert kernel.value("x") == "as before"
    assert cell.text == '{"n": "four <b>"}'
    assert "four &lt;b&gt;" in html.unescape(cell.html).replace("<b>", "&lt;b&gt;")
    assert "<b>" not in cell.html
    assert cell.notices == []
    kernel.run("import sys")
    assert kernel.value("sys.last_value.reply.text") == '{"n": "four <b>"}'
    assert kernel.value("sys.last_value.reply.value") is None
    assert not kernel.run("%deepseek And now?").failed


def test_an_interrupted_value_binds_nothing(kernel, server):
    kernel.quietly("x = 'as before'")
    server.enqueue(stream(*deltas('{"items": [{"n": 1}, {"n": 2', pieces=100), Hang()))
    running = kernel.start("%deepseek --as df -o x Go")
    running.until_text("<td")
    kernel.interrupt()
    cell = running.end()
    assert cell.error.startswith("Interrupted: ")
    assert kernel.value("x") == "as before"
    assert cell.text == '{"items": [{"n": 1}, {"n": 2'
    assert not kernel.run("%deepseek And now?").failed


REFUSED = [
    ("--schema nothing", "OptionError: --schema nothing: NameError: name 'nothing' is not defined"),
    ("--schema 1/0", "OptionError: --schema 1/0: ZeroDivisionError: division by zero"),
    ("--schema 'a b'", "OptionError: --schema a b: SyntaxError: "),
    ("--schema complex", "OptionError: complex cannot be used in a schema: expected "),
    ("--schema {}", "OptionError: the schema does not say what the value is"),
    ("--schema {'type':'strin'}", "OptionError: the schema is not valid JSON Schema at type: "),
    (
        "--schema {'$ref':'https://example.org/x'}",
        "OptionError: the schema refers to https://example.org/x, which is not in it",
    ),
    ("--schema SCHEMA --as code", "OptionError: --schema goes with --as json or df, not with code"),
    ("--as yaml", "OptionError: --as: expected "),
]


def test_what_cannot_be_asked_for_is_told_before_anything_is_sent(kernel, server):
    for options, words in REFUSED:
        cell = kernel.run(f"%deepseek {options} Go")
        assert [output.output_type for output in cell.outputs] == ["error"]
        assert cell.error.startswith(words)
    assert not server.requests


def test_without_pandas_a_frame_is_refused_before_anything_is_sent(kernel, server):
    kernel.quietly("import sys; kept = {n: sys.modules.pop(n) for n in list(sys.modules) if n.startswith('pandas')}")
    kernel.quietly("sys.modules['pandas'] = None")
    try:
        cell = kernel.run("%deepseek --as df Go")
    finally:
        kernel.quietly("del sys.modules['pandas']; sys.modules.update(kept)")
    assert cell.error == (
        "OptionError: --as df needs pandas, which is not installed: python -m pip install pandas, or use --as json"
    )
    assert not server.requests


@pytest.mark.parametrize(
    "options", ["--as json", "--as df", "--schema list[Sale]", "--as df --schema list[Sale] --think max"]
)
def test_a_dry_run_shows_what_would_be_sent(kernel, server, options):
    cell = kernel.run(f"%deepseek --dry-run {options} Sales?")
    assert not server.requests
    (display,) = cell.displays
    plain = display.data["text/plain"]
    server.enqueue(reply('{"items": []}'))
    kernel.run(f"%deepseek {options} Sales?")
    body = server.requests[0].json
    assert body["messages"][0]["content"] in plain
    for name, sent in body.items():
        if name != "messages":
            assert f"  {name}: {sent if isinstance(sent, str) else json.dumps(sent)}\n" in plain


# What is seen.


def streamed(value: object, *gates: threading.Event):
    """A stream that stops after half of ``value`` until the gate is open."""
    text = json.dumps(value)
    half = len(text) // 2
    return gated(*deltas(text[:half], pieces=5), *gates, *[chunk({"content": text[half:]})], *finish())


def test_rows_appear_as_they_are_whole(kernel, server):
    go = threading.Event()
    server.enqueue(streamed({"items": NUMBERS}, go))
    running = kernel.start("%deepseek --as df -o x Go")
    message = running.until_text("word2")
    assert message["msg_type"] in ("comm_msg", "comm_open")
    shown = json.dumps(message["content"])
    assert "<td" in shown
    assert "word11" not in shown
    go.set()
    cell = running.end()
    assert rows(cell) == [["n", "word"], *([str(one["n"]), one["word"]] for one in NUMBERS)]
    assert cell.text == json.dumps({"items": NUMBERS})


def test_branches_appear_as_they_are_whole(kernel, server):
    go = threading.Event()
    server.enqueue(streamed({"name": "Oslo", "parts": [{"street": f"street{n}"} for n in range(20)]}, go))
    running = kernel.start("%deepseek --as json -o x Go")
    message = running.until_text("street3")
    assert message["msg_type"] in ("comm_msg", "comm_open")
    assert "<li" in json.dumps(message["content"])
    go.set()
    cell = running.end()
    assert cell.html.count("<li") == 1 + 1 + 20 + 20


@pytest.mark.slow
def test_the_bytes_of_the_live_view_grow_with_the_reply_alone(kernel, server):
    sizes = []
    for count in (300, 1200):
        value = {"items": [{"n": number, "word": "x" * 20} for number in range(count)]}
        server.enqueue(reply(json.dumps(value), pieces=12, delay=0.006, burst=4))
        cell = kernel.run("%deepseek --as df -o x Go")
        assert not cell.failed
        live = cell.of("comm_msg", "comm_open")
        sizes.append(sum(len(json.dumps(message["content"])) for message in live))
    assert sizes[1] < 8 * sizes[0], sizes  # four times the rows, at a pace that is no flood


HOSTILE = [
    "a | b",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[a](javascript:alert(1))",
    "https://example.org",
    "$$\\href{javascript:alert(1)}{x}$$",
    "**bold** `code`",
    "&lt;b&gt;",
    "line\nbreak",
]


def test_what_cells_hold_is_text(kernel, server):
    value = {"items": [{"a": text, text: "b"} for text in HOSTILE]}
    server.enqueue(reply(json.dumps(value)))
    cell = kernel.run("%deepseek --as df -o x Go")
    assert kernel.value("list(x.a)") == HOSTILE
    found = rows(cell)
    assert [row[0] for row in found[1:]] == [" ".join(text.split()) for text in HOSTILE]
    answer = cell.html.partition('class="deepseek-answer"')[2].partition('class="deepseek-footer"')[0]
    assert not re.search(r"<(img|script|a|strong|code)\b", answer)
    assert cell.text == json.dumps(value)


def test_text_is_written_in_its_own_direction(kernel, server):
    server.enqueue(reply(json.dumps({"items": [{"word": "שלום", "meaning": "peace"}]}, ensure_ascii=False)))
    cell = kernel.run("%deepseek --as df -o x Go")
    assert rows(cell)[1] == ["שלום", "peace"]
    assert re.search(r'<td[^>]*dir="auto"[^>]*>שלום', cell.html)


@pytest.mark.parametrize("renderer", ["display", "headless"])
def test_tables_in_other_back_ends(kernel, server, renderer):
    if renderer == "display":
        kernel.run("%config DeepSeek.renderer = 'display'")
    gates = [threading.Event()] if renderer == "display" else []
    server.enqueue(streamed({"items": NUMBERS}, *gates))
    running = kernel.start("%deepseek --as df -o x Go", allow_stdin=renderer == "display")
    if renderer == "display":
        message = running.until_text("word2")
        assert message["msg_type"] in ("display_data", "update_display_data")
        gates[0].set()
    cell = running.end()
    assert len(rows(cell)) == 13
    assert kernel.value("len(x)") == 12


def test_a_pipe_gets_the_json_as_it_is(kernel, server):
    kernel.run("%config DeepSeek.renderer = 'plain'")
    text = json.dumps({"items": [{"a_b": 1.5, "day": "2026-01-31", "c": "x|y"}]})
    server.enqueue(reply(text))
    cell = kernel.run("%deepseek --as df -o x Go")
    assert cell.outputs[0].text.startswith(f"{text}\n")


def test_a_pipe_gets_both_replies_where_the_first_does_not_fit(kernel, server):
    kernel.run("%config DeepSeek.renderer = 'plain'")
    server.enqueue(reply('{"n": "a"}'), reply('{"n": 3}'))
    cell = kernel.run("%deepseek --schema SCHEMA -o x Go")
    assert cell.outputs[0].text.startswith('{"n": "a"}\n\n{"n": 3}\n')


def test_in_the_terminal(tmp_path):
    with FaultServer() as server:
        server.enqueue(
            reply(json.dumps({"items": NUMBERS})),
            reply('{"items": 7}'),
            reply('{"items": [{"n": 1.5}]}'),
            reply("7"),
        )
        lines = (
            "%deepseek --as df -o x Go",
            "len(x)",
            "%deepseek --as df -o y Go",
            "%deepseek --schema int -o z Go",
            "z * 6",
        )
        terminal = in_ipython(tmp_path, server, "terminal", *lines, DEEPSEEK_API_KEY="k")
        assert isinstance(terminal, Terminal)
        seen = terminal.lines
        assert seen.count("word11") == 1
        assert re.search(r"11\s+word11", seen)
        assert "Out[4]: 12" in seen
        assert "| n |" not in seen
        assert seen.count("1.5") == 1
        assert "&#" not in seen
        assert "Out[7]: 42" in seen


# What waits for what.

BLOCKED = """
import importlib.machinery, pathlib, sys, time
for name in [name for name in sys.modules if name.partition(".")[0] == "jsonschema"]:
    del sys.modules[name]
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name != "jsonschema":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        at_once = spec.loader.exec_module
        def later(module):
            while not pathlib.Path("go").exists():
                time.sleep(0.01)
            at_once(module)
        spec.loader.exec_module = later
        return spec
sys.meta_path.insert(0, Blocked())
"""


def test_nothing_but_a_reply_that_is_checked_waits_for_its_checker(kernel, server):
    """It takes seconds to load where its optional packages are installed, as JupyterLab does."""
    go = kernel.home / "go"
    kernel.quietly(BLOCKED)
    try:
        cell = kernel.run("def f(n: int): ...\n%deepseek --tools f Go")
        assert not cell.failed
        server.enqueue(reply('{"n": 1}'))
        assert not kernel.run("%deepseek --as json Go").failed
        server.enqueue(streamed({"items": SALES}))
        kernel.quietly("ROWS = {'type': 'array', 'items': {'type': 'object', 'required': ['customer']}}")
        running = kernel.start("%deepseek --schema ROWS -o x Go")
        assert server.wait_requests(3)
        running.until_text("Bob")
        go.touch()
        assert not running.end().failed
        assert kernel.value("len(x)") == 2
    finally:
        go.touch()
        kernel.quietly("sys.meta_path.pop(0)")


def test_the_embedded_endpoint_gives_values(kernel):
    with StrictEndpoint() as endpoint:
        kernel.quietly("get_ipython().reset(new_session=True)")
        kernel.fresh(endpoint.url)
        kernel.quietly(DEFINED)
        for options in (
            "--as json",
            "--schema SCHEMA",
            "--schema list[Sale]",
            "--as df --schema list[Place]",
            "--as df",
            "--schema Mood",
        ):
            cell = kernel.run(f"%deepseek {options} -o x Give me some")
            assert not cell.failed, cell.error
        assert value(kernel, "x").startswith("<Mood.")
        assert all(request.path == "/chat/completions" for request in endpoint.requests)
