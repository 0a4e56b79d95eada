"""``{expression}`` in a question, in a real kernel: what is replaced, where, and what stays byte for byte as typed."""

from __future__ import annotations

import pytest

from tests.magics.contexts import assert_refused, items, receipt, sent, told

_NAMES = (
    "import datetime\nx = 3\nn = 2\nid = 7\nname = 'Ann'\ndf = {'a': 1}\nstyle = 'bold'\ni = 0\na = [1]\nuser = 'bob'"
)
BRACES = [
    "the set {1, 2, 3} and the empty {}",
    'JSON: {"name": "x", "list": [1, {"id": n}]}',
    "a dict {'a': x, 'b': {n: 1}}",
    "LaTeX: \\frac{a}{b} and $x_{i}^{n}$ and $$\\sum_{i=0}^{n} x_i$$",
    "\\begin{df} \\textbf{name} \\cite{user}",
    "code `f'{x} and {name}'` stays",
    "```python\nprint(f'{x}')\nd = {n: i}\n```\nwhat does it print?",
    'an f-string f"{x!r:>10} {name}" in prose',
    "CSS: p { color: red; } and a{style:hover}{",
    "C: int main() { return x; } and for (;;) { i++; }",
    "a template {{x}} {{ name }} {% if user %}{{ user.id }}{% endif %}",
    "shell: ${x} ${HOME} $name a{1,2}.txt",
    "Go template {{.Name}} and Rust {:?} {0} {:>8}",
    "an unknown {nothing_like_it} and {foo.bar()}",
    "unbalanced { x and } n",
    "a comprehension {i for i in a} and {i: n for i in a}",
    "spaces { x } and lines {\nx\n}",
    "regex \\d{2,3} [a-z]{n} and x{3}",
    "an assignment {y := x}, a lambda {lambda: x}, a comparison {x > n}",
    "emoji {🙂} and {ключ} and {len}",
]


@pytest.mark.parametrize("prompt", BRACES, ids=range(len(BRACES)))
def test_braces_of_every_kind_arrive_as_typed(kernel, server, prompt):
    kernel.quietly(_NAMES)
    cell = kernel.run(f"%%deepseek\n{prompt}")
    assert not cell.failed
    assert server.requests[-1].json["messages"] == [{"role": "user", "content": prompt}]


def test_there_are_twenty_of_them():
    assert len(set(BRACES)) == 20


def test_expressions_are_replaced_and_listed(kernel, server):
    kernel.run(
        "import datetime\nx = 3\nwords = ['a', 'b']\nprice = 12.3456\nday = datetime.date(2026, 1, 2)\nname = 'Ann'"
    )
    question = "Is {x} in {words}, {len(words)} of them, for {price:.2f} on {day:%d %B}, says {name}: {x + 1}?"
    cell = kernel.run(f"%deepseek {question}")
    assert sent(server) == "Is 3 in ['a', 'b'], 2 of them, for 12.35 on 02 January, says Ann: 4?"
    line = "sent: {x}, {words}, {len(words)}, {price}, {day}, {name}, {x + 1} · about "
    assert receipt(cell).startswith(line)
    assert items(cell)[0] == ("{x}", "", "replaced in the question")


def test_raw_replaces_nothing(kernel, server):
    kernel.run("x = 3")
    cell = kernel.run("%deepseek --raw Is it {x}?")
    assert sent(server) == "Is it {x}?"
    assert cell.notices == []


def test_a_value_too_large_for_a_sentence_stands_beside_it_as_data(kernel, server):
    kernel.run("rows = [{'id': n, 'text': 'some words here'} for n in range(5)]")
    cell = kernel.run("%deepseek What is in {rows}?")
    block = "rows: list of 5, all dict with the keys 'id', 'text':\n"
    block += "\n".join(f"- {{'id': {n}, 'text': 'some words here'}}" for n in range(5))
    assert sent(server) == told(("rows (list of 5)", block), question="What is in `rows`?")
    assert receipt(cell).startswith("sent: rows · about ")


def test_in_a_function_its_own_names_go_first(kernel, server):
    kernel.run(
        "x = 'outer'\n"
        "def ask(local):\n"
        "    x = 'inner'\n"
        "    if local:\n"
        "        answer = %deepseek Is {local} the {x}?\n"
        "        return answer.text"
    )
    kernel.run("ask([1, 2])")
    assert sent(server) == "Is [1, 2] the inner?"
    kernel.run(
        "def also(secret):\n    get_ipython().run_line_magic('deepseek', '--no-memory -v secret Is {secret} it?')"
    )
    kernel.run("also(5)")
    assert sent(server) == told(("secret (int)", "secret = 5"), question="Is 5 it?")
    kernel.run("%deepseek --no-memory Is {local} it, {x}?")
    assert sent(server) == "Is {local} it, outer?"


def test_a_near_miss_is_sent_as_typed_with_a_notice(kernel, server):
    kernel.run("frame = 1\nrate = 2")
    cell = kernel.run("%deepseek Is {fraem} or { rate } or {'a': rate} right?")
    assert sent(server) == "Is {fraem} or { rate } or {'a': rate} right?"
    assert cell.notices == []
    assert cell.printed == (
        "{fraem} is sent as typed: did you mean {frame}?\n{ rate } is sent as typed: write {rate} for its value\n"
    )
    before = [message["msg_type"] for message in cell.messages]
    assert before.index("stream") < before.index("display_data")


def test_an_expression_that_raises_is_one_line_and_nothing_is_sent(kernel, server):
    kernel.run("x = 0")
    line = (
        "QuestionError: {1 / x} raised ZeroDivisionError: division by zero. Nothing was sent: correct it, or send the "
        "braces as typed with --raw"
    )
    assert_refused(kernel.run("%deepseek Is {x} more than {1 / x}?"), server, line)


def test_a_value_that_hangs_costs_little_and_is_said(kernel, server):
    kernel.run("import time\nclass Slow:\n    def __repr__(self):\n        time.sleep(60)\nslow = Slow()")
    cell = kernel.run("%deepseek What is {slow}?")
    assert not cell.failed
    assert "its __repr__ did not end within" in sent(server)


def test_the_value_of_an_expression_is_not_looked_at_again(kernel, server):
    kernel.run("x = 3\ntext = 'the braces {x} in it'")
    kernel.run("%deepseek Say {text}")
    assert sent(server) == "Say the braces {x} in it"


def test_a_value_whose_name_says_that_it_is_a_secret_is_masked_in_the_sentence(kernel, server):
    kernel.quietly(
        "password = 'tiger'\nsecret_token = 'Vv8k-' + 'Wq02Lmz'\ncfg = {'password': 'lion99', 'city': 'Oslo'}\n"
        "n_tokens = 500\nkey = 'blue'\ncity = 'Rome'"
    )
    question = "is {secret_token} {password!r} {password} {cfg['password']} {cfg['city']} {n_tokens} {key} {city}"
    cell = kernel.run(f"%deepseek {question}")
    assert not cell.failed
    body = server.requests[-1].body
    for secret in (b"tiger", b"lion99", b"Wq02Lmz"):
        assert secret not in body
        assert secret.decode() not in cell.html
    assert sent(server).endswith(" Oslo 500 blue Rome")
    assert sent(server).count("[masked: ") == 4
    assert receipt(cell).endswith("4 secrets masked")


def test_a_value_with_a_class_of_its_own_making_costs_nothing(kernel, server):
    kernel.quietly(
        "import time\nclass Lazy:\n    @property\n    def __class__(self):\n        time.sleep(60)\nlazy = Lazy()\n"
        "class Broken:\n    @property\n    def __class__(self):\n        raise RuntimeError\nbroken = Broken()"
    )
    cell = kernel.run("%deepseek -c vars what is {lazy} and {broken}?")
    assert not cell.failed  # nor did it wait a minute: a cell has less than that
    assert "what is Lazy object and Broken object?" in sent(server)
