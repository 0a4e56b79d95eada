"""No secret reaches the wire or what our magics show, wherever it stands and wherever a text is cut."""

from __future__ import annotations

import json
from random import Random

import nbformat
import pytest

from tests.faults import NORMAL_TEXT, FaultServer
from tests.guard.made import ALNUM, FORMED, some
from tests.kernel import Cell, Kernel, fields
from tests.magics.contexts import receipt, remarks, rows, save, sent
from tests.magics.planted import Secret, found, secrets
from tests.sizes import part_of


def shown(cell: Cell) -> list[str]:
    """All that a question of ours put on the page, live or saved."""
    kinds = ("display_data", "update_display_data", "execute_result", "stream", "error", "comm_open", "comm_msg")
    return [text for message in cell.of(*kinds) for text in fields(message["content"])] + [
        text for output in cell.outputs for text in fields(output)
    ]


def on_the_wire(server: FaultServer) -> list[str]:
    """The bodies of all requests, as bytes and as what they say."""
    bodies = [request.body.decode() for request in server.requests]
    return bodies + [text for request in server.requests for text in fields(request.json)]


def plant(kernel: Kernel, every: list[Secret]) -> None:
    """Put each secret at one place of the session: in a variable, a cell, an output, an error, or a file."""
    lines = []
    for number, secret in enumerate(every):
        text, name = secret.text, f"it_{number}"
        match number % 8:
            case 0:
                kernel.quietly(f"{name} = {text!r}")
            case 1:
                kernel.quietly(f"{name} = [{text!r}] * 3, {{'a': {{'deep': {text!r}}}, 'b': 'x' * 90}}")
            case 2:
                kernel.quietly(
                    f"class _T{number}:\n    def __repr__(self):\n        return 'T ' + {text!r}\n{name} = _T{number}()"
                )
            case 3:
                kernel.run(f"{name} = {text!r}\nlen({name})")
            case 4:
                kernel.quietly(f"_hidden = {text!r}")
                kernel.run(f"# number {number}\nprint(_hidden)\n_hidden")
            case 5:
                kernel.quietly(f"_hidden = {text!r}")
                kernel.run(f"def fail_{number}(given):\n    raise ValueError(given)\nfail_{number}(_hidden)")
            case 6:
                kernel.quietly(
                    f"import pandas as _pd\n{name} = _pd.DataFrame({{'a': [1, 2], 'text': ['x', {text!r}]}})"
                )
            case _:
                lines += [f"part {number}", text, "", ""]
    (kernel.home / "planted.txt").write_text("\n".join(lines))
    stream = nbformat.v4.new_output("stream", text=every[0].text)
    cells = [
        nbformat.v4.new_markdown_cell(f"See\n\n{every[1].text}\n"),
        nbformat.v4.new_code_cell(every[2].text, outputs=[stream]),
    ]
    save(kernel, *cells)


@pytest.mark.slow
def test_a_hundred_secrets_of_twenty_five_kinds(kernel, server):
    every = secrets()
    assert len(every) == 100
    assert found(every, *(secret.text for secret in every)) != []
    plant(kernel, every)
    names = ",".join(f"it_{number}" for number in range(100) if number % 8 in (0, 1, 2, 3, 6))
    cells = []
    budgets = part_of((300, 1_000, 5_000, 60_000))
    for budget in budgets:
        kernel.run(f"%config DeepSeek.context_tokens = {budget}")
        for options in ("-c cells,vars,error,file:planted.txt", f"-c notebook,error -v {names}"):
            cells.append(kernel.run(f"%deepseek --no-memory {options} Explain `fail_5`."))
            cells.append(kernel.run(f"%deepseek --dry-run {options} Explain `fail_5`."))
            cells.append(kernel.run("%deepseek_sent"))
    for start in range(0, 100, 10):
        question = "\n\n".join(secret.text for secret in every[start : start + 10])
        cells.append(kernel.run(f"%%deepseek --no-memory --raw\n{question}"))
    assert not any(cell.failed for cell in cells)
    assert len(server.requests) == 2 * len(budgets) + 10
    assert found(every, *on_the_wire(server)) == []
    assert found(every, *(text for cell in cells for text in shown(cell))) == []
    kernel.run("%config DeepSeek.guard = 'off'\n%config DeepSeek.context_tokens = 60000")
    kernel.run("%deepseek --no-memory -c cells,vars,file:planted.txt hi")
    assert len({one for one in every if found([one], *on_the_wire(server)[-40:])}) > 80, "they were there to be found"


@pytest.mark.parametrize("form", ["GitHub token", "OpenAI key", "JSON web token", "Slack token"])
def test_wherever_a_cut_falls(kernel, server, form):
    """In a value, in an output and in a file, each cut at many places."""
    secret = FORMED[form](Random(form))
    planted = [Secret(form, secret, secret)]
    kernel.quietly(f"_hidden = {secret!r}")
    for size in range(0, 900, 60):
        kernel.quietly(
            f"text_{size} = 'x ' * {size} + _hidden + ' y' * 600\nitems_{size} = [text_{size}[{size}:]] * 30"
        )
    kernel.run("for _n in range(60): print('a line of some words', _n, _hidden)")
    for size in (70, 100, 130, 170, 250, 420):
        kernel.run(f"%config DeepSeek.context_tokens = {size * 10}")
        kernel.run("%deepseek --no-memory -c cells:1-1,vars hi")
    assert len(server.requests) == 6
    assert found(planted, *on_the_wire(server)) == []


def test_values_of_the_environment_in_every_encoding(kernel, server):
    value = some(Random(5), ALNUM + "!@#%&", 30)
    kernel.quietly(f"import os as _os\n_os.environ['SHOP_PASSWORD'] = {value!r}")
    kernel.run("import os, base64, json, urllib.parse\nv = os.environ['SHOP_PASSWORD']")
    kernel.run(
        "print(base64.b64encode(f'user:{v}'.encode()).decode(), urllib.parse.quote(v), json.dumps({'a': v}), "
        "v.encode().hex(), [v[:16]], v)"
    )
    cell = kernel.run("%deepseek -c cells,vars hi")
    kernel.quietly("_os.environ.pop('SHOP_PASSWORD')")
    assert found([Secret("", value, "")], *on_the_wire(server), *shown(cell)) == []
    assert sent(server).count("[masked: value of SHOP_PASSWORD]") >= 6
    assert "secrets masked" in receipt(cell)


def test_the_masks_are_counted_once_and_said_where(kernel, server):
    """Also those that were set before a value was cut, and those in a value that stands in the question."""
    token = FORMED["GitHub token"](Random(1))
    kernel.quietly(f"_hidden = {token!r}\nlong = ('x ' * 10 + _hidden + ' y ' * 4000)\nshort = _hidden")
    kernel.run("print(_hidden)")
    cell = kernel.run(f"%deepseek -c cells:1-1 -v long My {token} and {{short}}?")
    assert receipt(cell).endswith(" · 4 secrets masked")
    masked = "masked: GitHub token"
    assert remarks(cell)["cell [1]"] == masked
    assert remarks(cell)["long (str of 12,060 characters)"].endswith(masked)
    (question,) = (remark for what, _, remark in rows(cell) if what == "question")
    assert question == f"{masked}, GitHub token"
    assert sent(server).endswith("\n\nMy [masked: GitHub token] and [masked: GitHub token]?")
    assert sent(server).count("[masked: GitHub token]") == 4


def test_what_an_error_of_ours_says_is_masked(kernel, server):
    token = FORMED["GitHub token"](Random(2))
    kernel.quietly(f"_hidden = {token!r}")
    kernel.run("def look():\n    raise ValueError('x' * 150 + ' no such token: ' + _hidden)")
    cell = kernel.run("%deepseek What is {look()}?")
    assert cell.error.startswith("QuestionError: {look()} raised ValueError: xxx")
    assert found([Secret("", token, "")], *shown(cell)) == []
    assert not server.requests


def test_a_secret_in_an_expression_or_a_file_name_is_masked_in_the_receipt_too(kernel, server):
    token = FORMED["GitHub token"](Random(6))
    kernel.run("def look(key):\n    return [key[:3]] * 200")
    (kernel.home / f"{token}.txt").write_text("text")
    kernel.run("%config DeepSeek.context_tokens = 100")
    cell = kernel.run(
        f"%deepseek -c file:{token}.txt Is {{look('{token}')}} or {{len('{token}')}} or {{lok('{token}')}}?"
    )
    again = kernel.run(f"%deepseek -c file:{token}.txt Is {{look('{token}')}} it?")
    assert not cell.failed
    assert found([Secret("", token, "")], *on_the_wire(server), *shown(cell), *shown(again)) == []


def test_all_that_a_file_of_secrets_assigns_is_masked(kernel, server):
    """Also what no name tells, what another context shows of it, and what a link leads to; the settings stay."""
    values = [some(Random(seed), ALNUM + "!@%&", 14) for seed in (7, 8, 9)]
    first, second, third = values
    settings = "DEBUG=true\nHOST=db-1.example.org\nPORT=5432\n"
    (kernel.home / ".env").write_text(f"{settings}SHOP_ACCESS={first}\nDB_PASSWORD=tiger\n")
    (kernel.home / "secrets.toml").write_text(f"[mail]\naccess = '{second}'\n" + "# a line of words\n" * 900)
    (kernel.home / "settings.txt").unlink(missing_ok=True)
    (kernel.home / "settings.txt").symlink_to(kernel.home / ".env.local")
    (kernel.home / ".env.local").write_text(f"MAIL_ACCESS='{third}'\n")
    kernel.quietly(f"_hidden = {first!r}")
    kernel.run("print('it is', _hidden)")
    options = "-c cells:1-1 -c file:.env -c file:secrets.toml -c file:settings.txt"
    cells = [kernel.run(f"%deepseek --no-memory {options} hi")]
    assert not cells[0].failed, cells[0].error
    assert settings in sent(server)
    assert "DB_PASSWORD=[masked: password]" in sent(server)
    assert "it is [masked: secret" in sent(server)
    for budget in (100, 300, 1_000):
        kernel.run(f"%config DeepSeek.context_tokens = {budget}")
        cells.append(kernel.run(f"%deepseek --no-memory {options} hi"))
    kernel.run("%config DeepSeek.guard = 'refuse'")
    refused = kernel.run("%deepseek --no-memory -c file:.env hi")
    assert refused.error.startswith("SecretFound: file .env holds a secret (")
    assert not any(cell.failed for cell in cells)
    assert len(server.requests) == 4
    planted = [Secret("", value, "") for value in values]
    assert found(planted, *on_the_wire(server), *(text for cell in [*cells, refused] for text in shown(cell))) == []
    assert not any("tiger" in text for text in on_the_wire(server))


@pytest.mark.parametrize(
    ("options", "where"),
    {
        "-c cells": "cell [1]",
        "-v long": "long",
        "-v short": "short (str of 40 characters)",
        "{short}": "the question",
        "{long}": "long",
        "{items}": "the question",
        "-c file:token.txt": "file token.txt",
        "-c error": "last error",
    }.items(),
)
def test_a_guard_that_refuses_sends_nothing(kernel, server, options, where):
    token = FORMED["GitHub token"](Random(3))
    kernel.quietly(f"_hidden = {token!r}\nlong = ('x' * 700 + ' ' + _hidden + ' ' + 'y' * 5000)\nshort = _hidden")
    kernel.quietly("items = ['x ' * 45 + _hidden] * 90")
    (kernel.home / "token.txt").write_text(f"the token\n{token}")
    kernel.run("print(_hidden)\nraise ValueError(_hidden)")
    kernel.run("%config DeepSeek.guard = 'refuse'")
    cell = kernel.run(f"%deepseek {options} hi")
    assert cell.error.startswith("SecretFound: ")
    assert where in cell.error.partition(" holds a secret (GitHub token; line ")[0]
    assert cell.error.endswith(
        "), so nothing was sent: take it out, or have it masked by %config DeepSeek.guard = 'mask'"
    )
    assert found([Secret("", token, "")], *shown(cell)) == []
    assert not server.requests
    kernel.run("%config DeepSeek.guard = 'mask'")
    assert kernel.run("%deepseek -c none hi").text == NORMAL_TEXT


def test_a_guard_that_is_off_lets_everything_through(kernel, server):
    token = FORMED["GitHub token"](Random(4))
    kernel.quietly(f"_hidden = {token!r}\nshort = _hidden")
    kernel.run("%config DeepSeek.guard = 'off'")
    kernel.run("%deepseek -v short hi")
    assert f"short = {token!r}" in sent(server)


def harmless() -> list[str]:
    """What only looks like a secret: hashes in prose, UUIDs, pictures in base64, long numbers, places and versions."""
    random = Random(11)

    def hexadecimal(size: int) -> str:
        return "".join(random.choices("0123456789abcdef", k=size))

    def uuid() -> str:
        return "-".join(hexadecimal(size) for size in (8, 4, 4, 4, 12))

    made = []
    for number in range(25):
        data = "".join(random.choices(ALNUM + "+/", k=400))
        made += [
            f"The commit {hexadecimal(40)} broke the build of {number} March.",
            f"run {uuid()} ended after {random.random():.12f} s",
            f"<img src='data:image/png;base64,iVBORw0KGgo{data}'>",
            f"sha256:{hexadecimal(64)}  file_{number}.csv",
            f"order {random.randrange(10**15, 10**16)} of {random.randrange(10**19, 10**20)} pieces",
            f"https://files.example.org/{hexadecimal(2)}/{hexadecimal(60)}/data-{number}.0-py3-none-any.whl",
            f"tokens = {random.randrange(10**6)}; key = rows[{number}]; md5 is {hexadecimal(32)}",
            f"See /usr/lib/python3.{number}/{hexadecimal(12)}/secrets.py:{number} at 0x7f{hexadecimal(10)}",
        ]
    return made


def test_of_two_hundred_harmless_texts_at_most_five_are_masked(kernel, server):
    """In variables, cells, outputs, a file and the question."""
    every = harmless()
    assert len(every) == 200
    kernel.run("%config DeepSeek.context_tokens = 100000")
    kernel.run(f"texts = {json.dumps(every[:40])}")
    for number, text in enumerate(every[40:80]):
        kernel.quietly(f"text_{number} = {text!r}")
    kernel.run(f"print({chr(10).join(every[80:120])!r})")
    (kernel.home / "harmless.txt").write_text("\n".join(every[120:160]))
    question = "\n".join(every[160:])
    cell = kernel.run(f"%%deepseek --raw -c cells:1-9,vars,file:harmless.txt\n{question}")
    assert not cell.failed, cell.error
    assert sent(server).count("[masked: ") <= 5
    kept = [text for text in every if text in sent(server).replace('\\"', '"').replace("\\\\", "\\")]
    assert len(kept) >= 195
