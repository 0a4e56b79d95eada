"""Cost, models, balance, pictures and known servers, through the magics: what is sent, and what is told."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import re
import socket
import struct
import threading

import pytest

from tests.faults import (
    MODEL,
    NORMAL_TEXT,
    FaultServer,
    Hang,
    api_error,
    deltas,
    document,
    error,
    normal,
    reply,
    stream,
    usage,
)
from tests.kernel import KEY

#: More variables of the kernel's environment.
KERNEL_ENVIRONMENT = {"MPLBACKEND": "agg"}


def body(server):
    return server.requests[-1].json


def page(cell):
    """The HTML of the reply as it is read."""
    return html.unescape(re.sub(r"<(?!details class=.deepseek-footer)[^>]*>", "", cell.html))


# --- cost


@pytest.fixture
def prices(kernel, server, tmp_path):
    """Writes a table of prices for the server and has it used."""
    file = tmp_path / "prices.json"

    def write(rate, **more):
        table = {"as_of": "2026-01-01", "hosts": {f"127.0.0.1:{server.port}": {"*": rate}}, **more}
        file.write_text(json.dumps(table))
        kernel.quietly(f"%config DeepSeek.prices = {str(file)!r}")
        return file

    return write


def test_the_cost_stands_in_the_footer_by_the_users_own_table(kernel, server, prices):
    file = prices({"cache_hit": 1, "cache_miss": 2, "output": 4})
    server.repeat(reply(NORMAL_TEXT, usage=usage(100_000, 50_000, hit=60_000)))
    line = "100,000 in (60% cached) · 50,000 out · $0.34"
    assert line in page(kernel.run("%deepseek hello"))
    assert page(kernel.run("reply = %deepseek hello")).count("prices as of 2026-01-01") == 1
    assert kernel.value("[reply.cost.low, reply.cost.high]") == [0.34, 0.34]
    file.write_text(file.read_text().replace('"output": 4', '"output": 40'))
    assert "$2.14" in page(kernel.run("%deepseek hello"))


@pytest.mark.parametrize("renderer", ["plain", "terminal"])
def test_the_cost_stands_in_the_footer_of_plain_text(kernel, server, prices, renderer):
    prices({"cache_hit": 1, "cache_miss": 2, "output": 4})
    server.repeat(reply(NORMAL_TEXT, usage=usage(100_000, 50_000, hit=60_000)))
    kernel.quietly(f"%config DeepSeek.renderer = {renderer!r}")
    assert "50,000 out · $0.34" in kernel.run("%deepseek hello").printed


def test_at_peak_the_cost_is_a_range(kernel, server, prices):
    always = {"weekdays": list(range(7)), "hours": [[0, 24]]}
    rates = {"off_peak": {"cache_miss": 0, "output": 4}, "peak": {"cache_miss": 0, "output": 8}}
    prices(rates, peak_utc=always)
    server.repeat(reply(NORMAL_TEXT, usage=usage(10, 50_000)))
    assert "$0.20 to $0.40" in page(kernel.run("%deepseek hello"))


def test_where_the_price_is_unknown_there_is_no_figure(kernel, server):
    cell = kernel.run("reply = %deepseek hello")
    assert "$" not in page(cell)
    assert kernel.value("reply.cost is None")
    (table,) = kernel.run("%deepseek_usage").displays
    assert "$" not in table.data["text/plain"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ('{"as_of": "soon"}', "as_of is 'soon'"),
        ('{"as_of": "2026-01-01", "models": {"m": {"output": 1}}}', "models.m.cache_miss is None"),
        ('{"as_of": "2026-01-01", "prices": {}}', "the table holds 'prices'"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_line(kernel, server, tmp_path, text, words):
    file = tmp_path / "prices.json"
    if text is not None:
        file.write_text(text)
    kernel.quietly(f"%config DeepSeek.prices = {str(file)!r}")
    cell = kernel.run("%deepseek hello")
    assert cell.error.startswith("ConfigurationError: prices: ")
    assert words in cell.error
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert not server.requests


def test_a_limit_that_the_prompt_breaks_sends_and_shows_nothing(kernel, server, prices):
    prices({"cache_miss": 1000, "output": 0})
    cell = kernel.run(f"%%deepseek --max-cost 0.01\n{'word ' * 100}")
    assert cell.error.startswith("CostLimit: not asked: the prompt alone costs about $0.1, and --max-cost is $0.01")
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert not server.requests
    kernel.run("%deepseek hello")
    assert body(server)["messages"] == [{"role": "user", "content": "hello"}]


def test_a_limit_that_the_reply_reaches_stops_it_and_keeps_the_text(kernel, server, prices):
    prices({"cache_miss": 0, "output": 1000})
    kernel.quietly("%config DeepSeek.max_cost = 0.01")
    server.enqueue(stream(*deltas("word " * 40, pieces=10), Hang()), reply(" end."))
    cell = kernel.run("%deepseek hello")
    assert cell.error.startswith("CostLimit: stopped at --max-cost 0.01: about $0.012 so far")
    assert server.wait_disconnect()
    assert cell.text == "word " * 10
    assert cell.notices == ["Incomplete. %deepseek_continue goes on with it."]
    assert "max_cost" not in body(server)
    kernel.run("%deepseek_continue --max-cost 1")
    assert cell.text == f"{('word ' * 10).rstrip()} end."


def test_a_limit_without_a_known_price_is_one_line(kernel, server):
    cell = kernel.run("%deepseek --max-cost 1 hello")
    assert cell.error.startswith(f"ConfigurationError: --max-cost: the price of {MODEL} at {server.url} is not known")
    assert not server.requests


def test_usage_counts_by_model_and_a_reply_that_was_gone_on_with_once(kernel, server, prices):
    prices({"cache_miss": 1, "output": 1})
    server.enqueue(
        reply("One", finish="length", usage=usage(100_000, 200_000)),
        error(400, api_error("no")),
        reply(" two.", usage=usage(300_000, 400_000)),
        reply("Other.", usage=usage(1, 2)),
    )
    kernel.run("%deepseek count")
    kernel.run("%deepseek_continue")
    kernel.run("%deepseek_continue")
    kernel.run("%deepseek -m deepseek-v4-pro hello")
    (table,) = kernel.run("%deepseek_usage").displays
    caption, head, *rows = table.data["text/plain"].split("\n")
    assert "cost is an estimate" in caption
    assert head.split() == ["model", "replies", "prompt", "tokens", "from", "cache", "reply", "tokens", "cost"]
    assert [row.split() for row in rows] == [[MODEL, "2", "400,001", "0%", "600,002", "$1.00"]]


def test_usage_tells_of_replies_whose_tokens_nobody_told(kernel, server):
    server.enqueue(stream(*deltas("Half of it")), reply("Whole.", usage=usage(10, 20)))
    assert kernel.run("%deepseek break off").error
    kernel.run("%deepseek hello")
    table = kernel.run("%deepseek_usage").text
    assert "; 1 reply ended before the endpoint reported their tokens" in table
    (row,) = [line for line in table.splitlines() if line.startswith(MODEL)]
    assert row.split()[:2] == [MODEL, "2"]


def test_another_model_than_before_is_said_and_another_fingerprint_too(kernel, server):
    made = reply(NORMAL_TEXT)
    other_print = stream(*(step.replace(b"0123456789abcdef0123456789abcdef", b"fedcba") for step in made.steps))
    other_model = stream(*(step.replace(b'"deepseek-flash"', b'"deepseek-v4-pro"') for step in made.steps))
    server.enqueue(made, made, other_print, other_model)
    cells = [kernel.run("%deepseek hello", "cell-1") for _ in range(4)]
    assert [cell.notices for cell in cells[:2]] == [[], []]
    (changed,), (other,) = (cell.notices for cell in cells[2:])
    assert re.fullmatch(r"Since 20[\d-]{8} deepseek-flash has changed: its fingerprint is different\.", changed)
    assert re.search("^Answered by deepseek-v4-pro; .* deepseek-flash", other)
    assert "fingerprint fedcba" in cells[2].html


# --- models and balance


def test_models_in_both_shapes(kernel, server):
    rich = {
        "id": "deepseek-flash",
        "object": "model",
        "context_window": 2048,
        "max_output_tokens": 512,
        "input_modalities": ["text", "image"],
    }
    plain = {"id": "some-other", "object": "model", "owned_by": "deepseek"}
    server.enqueue(document({"object": "list", "data": [rich, plain]}), document([plain]))
    (table,) = kernel.run("%deepseek_models").displays
    _, _, *rows = table.data["text/plain"].split("\n")
    assert [row.split("  ")[0] for row in rows] == ["deepseek-flash", "some-other"]
    assert rows[0].split()[1:] == ["2,048", "512", "yes", "asked", "by", "default", "here"]
    assert rows[1].split() == ["some-other"]
    assert "some-other" in kernel.run("%deepseek_models").displays[0].data["text/plain"]
    assert [request.path for request in server.requests] == ["/models", "/models"]
    assert server.requests[0].method == "GET"
    assert server.requests[0].body == b""


def test_the_balance_in_two_currencies(kernel, server):
    infos = [
        {"currency": "CNY", "total_balance": "110.00", "granted_balance": "10.00", "topped_up_balance": "100.00"},
        {"currency": "USD", "total_balance": "0.50", "granted_balance": "0.00", "topped_up_balance": "0.50"},
    ]
    server.enqueue(document({"is_available": True, "balance_infos": infos}))
    server.enqueue(document({"is_available": False, "balance_infos": []}))
    (table,) = kernel.run("%deepseek_balance").displays
    rows = [line.split() for line in table.data["text/plain"].split("\n")]
    assert rows[2:] == [["CNY", "110.00", "10.00", "100.00"], ["USD", "0.50", "0.00", "0.50"]]
    assert "top up" in kernel.run("%deepseek_balance").displays[0].data["text/plain"]
    assert [request.path for request in server.requests] == ["/user/balance"] * 2


# --- pictures

MAKE = "from PIL import Image\npicture = Image.new('RGB', (6, 4), 'red')\n"


def image_of(part):
    """The bytes of an image in a message."""
    assert set(part) == {"type", "image_url"}
    assert part["type"] == "image_url"
    assert set(part["image_url"]) == {"url"}
    scheme, _, data = part["image_url"]["url"].partition(",")
    assert scheme == "data:image/png;base64"
    return base64.b64decode(data)


def size_of(png):
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def test_an_image_in_the_question_is_a_part_of_the_message(kernel, server):
    kernel.run(f"{MAKE}%deepseek what is in {{picture}}")
    assert set(body(server)) == {"model", "messages", "stream", "stream_options", "thinking"}
    (message,) = body(server)["messages"]
    text, image = message["content"]
    assert message["role"] == "user"
    assert set(text) == {"type", "text"}
    assert text["type"] == "text"
    assert text["text"].endswith("\n\nwhat is in `picture` (an image)")
    assert size_of(image_of(image)) == (6, 4)


@pytest.mark.parametrize(
    ("setup", "name"),
    [
        (f"{MAKE}picture.save('red.png')\nfile = 'red.png'", "{file}"),
        (f"{MAKE}picture.save('red.png')\nimport pathlib\nfile = pathlib.Path('red.png')", "{file}"),
        (f"{MAKE}picture = picture.convert('CMYK')", "{picture}"),
        (f"{MAKE}shown = dict(a=picture)", "{shown['a']}"),
    ],
)
def test_images_of_every_kind(kernel, server, setup, name):
    kernel.run(f"{setup}\n%deepseek what is in {name}")
    _, image = body(server)["messages"][0]["content"]
    assert size_of(image_of(image)) == (6, 4)


def test_figures_and_axes(kernel, server):
    code = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(figsize=(2, 1))\naxes.plot([1, 2])\n"
    for name in ("{figure}", "{axes}"):
        kernel.run(f"{code}%deepseek what is in {name}\nplt.close('all')")
        width, height = size_of(image_of(body(server)["messages"][0]["content"][1]))
        assert 100 < width < 300
        assert 50 < height < 200
        kernel.quietly("get_ipython().run_line_magic('deepseek_chat', 'reset')")


def test_the_last_figure(kernel, server):
    kernel.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\n%deepseek -c fig what is this")
    text, image = body(server)["messages"][0]["content"]
    assert "current figure" in text["text"]
    size_of(image_of(image))
    kernel.run("plt.close('all')\ndel plt\nfrom IPython.display import display\n"
               "from PIL import Image\ndisplay(Image.new('RGB', (7, 5)))")  # fmt: skip
    kernel.run("%deepseek --new -c fig what is this")
    text, image = body(server)["messages"][0]["content"]
    assert "last figure shown" in text["text"]
    assert size_of(image_of(image)) == (7, 5)


def test_a_picture_stays_in_the_messages_of_later_turns(kernel, server):
    kernel.run(f"{MAKE}%deepseek what is in {{picture}}")
    kernel.run("%deepseek and why")
    kernel.run("%deepseek of {picture} once more")
    first, second, third = (request.body.partition(b'"messages":')[2].partition(b'],"thinking"')[0]
                            for request in server.requests)  # fmt: skip
    assert b"data:image/png;base64," in first
    assert second.startswith(first + b",")
    assert third.startswith(second + b",")
    assert [type(message["content"]).__name__ for message in body(server)["messages"]] == [
        "list", "str", "str", "str", "str",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (f"{MAKE}%deepseek -m deepseek-v4-pro what is in {{picture}}", "deepseek-v4-pro cannot see images"),
        (
            "from PIL import Image\nwide = Image.new('1', (8193, 1))\n%deepseek what is in {wide}",
            "8193 x 1 pixels: expected sides of at most 8192",
        ),
        (
            "from PIL import Image\nfor n in range(15):\n    globals()[f'p{n}'] = Image.new('1', (4097, n + 1))\n"
            "%deepseek " + " ".join(f"{{p{n}}}" for n in range(15)),
            "at most 4096 where there are 15 images or more",
        ),
        (
            "open('no.png', 'w').write('no image')\nfile = 'no.png'\n%deepseek what is in {file}",
            "the format of the image is not supported",
        ),
        ("%deepseek -c fig what is this", "no figure has been drawn"),
    ],
)
def test_what_cannot_be_seen_is_one_line_and_nothing_is_sent(kernel, server, code, words):
    kernel.quietly("get_ipython().run_line_magic('reset', '-sf')")
    cell = kernel.run(code)
    assert words in cell.error
    assert not server.requests


def test_other_servers_get_the_same_parts(kernel, server):
    kernel.fresh(f"{server.url}/v1")
    kernel.run(f"{MAKE}%deepseek -m mine what is in {{picture}}")
    assert [part["type"] for part in body(server)["messages"][0]["content"]] == ["text", "image_url"]


# --- known names


@contextlib.contextmanager
def also_at(port, server):
    """Let what is sent to ``port`` of this machine reach ``server``."""
    listener = socket.create_server(("127.0.0.1", port))
    ends = []

    def pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", server.port))
                ends.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        for one in (listener, *ends):
            one.close()


def offers(name):
    listed = document({"object": "list", "data": [{"id": name, "object": "model"}]})
    return lambda request: listed if request.path.endswith("/models") else normal(request)


@pytest.mark.parametrize(
    ("name", "port", "fields"),
    [
        ("ollama", 11434, {"reasoning_effort": "none"}),
        ("sglang", 30000, {"chat_template_kwargs": {"thinking": False}}),
        ("LM Studio", 1234, {"reasoning_effort": "none"}),
    ],
)
def test_a_server_by_its_name_gets_its_own_fields_and_no_key(kernel, server, name, port, fields):
    kernel.fresh()  # the key is there, for DeepSeek's own host
    server.repeat(offers("tiny"))
    with also_at(port, server):
        cell = kernel.run(f"%deepseek --base-url '{name}' --think off hello")
    assert cell.text == NORMAL_TEXT
    assert [request.path for request in server.requests] == ["/v1/models", "/v1/chat/completions"]
    assert body(server) == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        **fields,
    }
    for request in server.requests:
        assert KEY not in f"{request.path}{request.raw_headers}{request.body!r}"
        assert "authorization" not in request.headers


def test_a_name_in_the_environment_and_only_its_own_key(kernel, server):
    server.repeat(offers("tiny"))
    with also_at(30000, server):
        kernel.fresh("sglang")
        assert kernel.run("%deepseek hello").text == NORMAL_TEXT
        assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"  # it was given for that address
        kernel.fresh("sglang", with_key=False)
        assert kernel.run("%deepseek hello").text == NORMAL_TEXT
    assert "authorization" not in server.requests[-1].headers
    assert body(server)["model"] == "tiny"
    assert "thinking" not in body(server)
    with FaultServer() as other:
        kernel.fresh("sglang")
        kernel.run(f"%deepseek --base-url {other.url}/v1 -m mine hello")
        assert other.requests
        assert all("authorization" not in request.headers for request in other.requests)
