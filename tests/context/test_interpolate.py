"""``{expression}`` in a question: what is replaced, what stays as typed, what is said about it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.context.interpolate import interpolate
from deepseek_magic.errors import QuestionError

NAMES = {
    "df": SimpleNamespace(shape=(3, 2), mean=lambda: 1.5, columns={"a ($)": 7, "`b`": 8, "c:d": 9}),
    "x": 2.5,
    "n": 3,
    "i": 1,
    "a": 10,
    "b": 20,
    "c": 30,
    "color": "red",
    "name": "Bob",
    "label": "l",
    "id": 7,
    "user": {"id": 7, "tags": ["p", "q"]},
    "xs": [1, 2, 3],
    "day": datetime.date(2026, 3, 9),
    "at": datetime.datetime(2026, 3, 9, 14, 5),
    "price": Decimal("12.345"),
    "small": np.float32(0.5),
    "count": np.int64(1234567),
    "größe": 1,
}


def ask(text, names=NAMES):
    """The text after interpolation, with every told value as «expression»."""
    return interpolate(text, names, lambda value, expression: f"«{expression}»")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("{df}", "«df»"),
        ("explain {df}, please", "explain «df», please"),
        ("{df}{x}", "«df»«x»"),
        ("{df.shape}", "«df.shape»"),
        ("{df.mean()}", "«df.mean()»"),
        ('{user["id"]} and {xs[0]} and {xs[1:]}', '«user["id"]» and «xs[0]» and «xs[1:]»'),
        ("{len(xs)} {max(xs)}", "«len(xs)» «max(xs)»"),
        ("{n + 1} {-n} {a / b} {a**2} {(a + b) * c}", "«n + 1» «-n» «a / b» «a**2» «(a + b) * c»"),
        ("{a if n else b}", "«a if n else b»"),
        ("{sum(y for y in xs)}", "«sum(y for y in xs)»"),
        ("{sorted(xs, key=lambda y: -y)}", "«sorted(xs, key=lambda y: -y)»"),
        ("{str({'k': a})}", "«str({'k': a})»"),
        ("{sorted({a, b})}", "«sorted({a, b})»"),
        ("{größe}", "«größe»"),
        ('{df.columns["a ($)"]} and {df.columns["a ($)"]}', '«df.columns["a ($)"]» and «df.columns["a ($)"]»'),
        ('{df.columns["`b`"]} `c`', '«df.columns["`b`"]» `c`'),
        ('{df.columns["c:d"]:03d}', "009"),
        ("{x:.2f} {x:,} {n:03d} {x:+.1e}", "2.50 2.5 003 +2.5e+00"),
        ("{name:>5}|{name:*^7}", "  Bob|**Bob**"),
        ("{day:%d.%m.%Y} {at:%H:%M} {day:%d %B}", "09.03.2026 14:05 09 March"),
        ("{price:.1f} {small:.2f} {count:,}", "12.3 0.50 1,234,567"),
        ("{name!r} {name!s:>4} {name!r:>6}", "'Bob'  Bob  'Bob'"),
        ("/users/{id}/posts", "/users/«id»/posts"),
        ("v{n}.csv ({n})", "v«n».csv («n»)"),
        ("data_{n}.csv, my-data_{n} and x_{n}.csv", "data_«n».csv, my-data_«n» and x_«n».csv"),
        ("{name}_{n}_{i}.parquet", "«name»_«n»_«i».parquet"),
        ("$5 and {n} for $6", "$5 and «n» for $6"),
        ("it costs $5, {name} says; US$7 too", "it costs $5, «name» says; US$7 too"),
        ("$x$ is {x}", "$x$ is «x»"),
        ("`code` {n} `code`", "`code` «n» `code`"),
        ("a lone ` and {n}", "a lone ` and «n»"),
        ("``` {n}` and {n}", "``` «n»` and «n»"),
        ("a lone { and {n}", "a lone { and «n»"),
        ("a lone } and {n}", "a lone } and «n»"),
        ("- {n}\n- {x}\n\n1. {a}\n   {b}", "- «n»\n- «x»\n\n1. «a»\n   «b»"),
        ("> {n}\n{x}", "> «n»\n«x»"),
        ("# {n}\n{x}", "# «n»\n«x»"),
        ("a paragraph\n    {n} goes on", "a paragraph\n    «n» goes on"),
        ("| {n} |\n|---|\n| {x} |", "| «n» |\n|---|\n| «x» |"),
        ("```\n{n}\n```\n{x}", "```\n{n}\n```\n«x»"),
        ("it's {n}, if 'x' {x}", "it's «n», if 'x' «x»"),
        ("half\"{n}\" of'{n}'", "half\"«n»\" of'«n»'"),
        ("line\r\n{n}\r\n", "line\r\n«n»\r\n"),
    ],
)
def test_what_is_replaced(text, sent):
    assert ask(text).text == sent


@pytest.mark.parametrize(
    "text",
    [
        # code
        "```\n{n}\n```",
        "```python\nf({n})",
        "~~~\n{n}\n```\n{n}\n~~~",
        "````\n```\n{n}\n```\n{n}\n````",
        "- item\n  ```\n  {n}\n  ```",
        "> ```\n> {n}\n> ```",
        "1. > ~~~\n   > {n}",
        "    {n}",
        "text\n\n    {n}\n\n    {x}",
        "- item\n\n      {n}",
        "\t{n}",
        "`{n}`",
        "``a ` {n}``",
        "`a\n{n}`",
        "# `{n}`",
        # formulas
        "$x_{n}$",
        "$a {n} b$",
        "$$\n\\sum {n}\n$$",
        "$$ {n} $$",
        "\\({n}\\) and \\[ {n} \\]",
        "\\[\n= {n}\n- {x}\n\\]",
        "\\begin{align}\n{a} &= {b}\n\\end{align}",
        "x^{n} and x_{n}",
        "\\alpha_{n} and log_{n}",
        "x_{i}_{n}",
        # commands and escapes
        "\\frac{a}{b}",
        "\\text{x} \\sqrt[3]{n} \\hat{x}_{i}",
        "\\frac{\\sqrt{a}}{b + {c}}",
        "\\{n\\}",
        "\\{n}",
        "C:\\{name}\\x",
        # literals
        'print(f"{x} and {n}")',
        "f'{x}' rf\"{x}\" F'{n}'",
        'f"{user["id"]} {n}"',
        'f"it\\"s {n}"',
        'f"""\n{n}\n\n{x}\n"""',
        "t'{x}'",
        # templates, JSON, sets, code
        "{{n}}",
        "{{ n }}",
        "{{{n}}}",
        "${n} ${name:-x}",
        '{"a": 1}',
        '{"a": {n}}',
        '{"list": [{x}, {n}]}',
        "{'a': a}",
        "{a: b}",
        "{a:b}",
        "{n:10}",
        "{n:0.5}",
        "{n:}",
        "{a, b}",
        "{1, 2} {} { } {1} {'x'}",
        "{*xs}",
        "{x for x in xs}",
        "{a: b for a in xs}",
        "{[y for y in xs]}",
        "{a | b} {a|b}",
        "{n > 0}",
        "{a and b} {not a} {a in xs} {a is b}",
        "{(a, b)} {[a]}",
        "{n := 3} {(n := 3)}",
        "{lambda: n}",
        "p { color: red }",
        "p{color:red}",
        "[a-z]{n} (a|b){n} f(){x}",
        "if (n) { return x; }",
        "int f() {\n  {n}\n}",
        "{%if n%} {# n #} {n # why}",
        "{n!} {n=} {n;}",
        "{\nn\n}",
        "{n\n.real}",
        # names that are not the user's
        "{unheard} {len} {print} {None} {True}",
        "{unheard.shape} {len(unheard)} {n + unheard}",
        "{exit(n)} {open(name)} {__import__(name)} {eval(name)}",
        "{_} {In} {Out[1]}",
        "{" + "n+" * 1000 + "n}",
        "{" + "(" * 500 + "n" + ")" * 500 + "}",
    ],
)
def test_what_stays_as_typed(text):
    asked = ask(text)
    assert asked.text == text
    assert not asked.replaced


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{dff}", "{dff} is sent as typed: did you mean {df}?"),
        ("{DF.shape}", "{DF.shape} is sent as typed: did you mean {df.shape}?"),
        ("{usr['id']} {n}", "{usr['id']} is sent as typed: did you mean {user['id']}?"),
        ("{colour:>5}", "{colour:>5} is sent as typed: did you mean {color:>5}?"),
        ("{len(dff)}", "{len(dff)} is sent as typed: did you mean {len(df)}?"),
        ("{word}", "{word} is sent as typed: there is no variable of that name"),
        ("{word.upper()}?", "{word.upper()} is sent as typed: there is no variable of that name"),
        ("({one}) {two.x}!", "{one}, {two.x} are sent as typed: there are no variables of these names"),
        ("{ df }", "{ df } is sent as typed: write {df} for its value"),
        ("x_{name}", "{name} is sent as typed: after _ it reads as a subscript"),
        ("log_{count}", "{count} is sent as typed: after _ it reads as a subscript"),
        ("x^{name}", "{name} is sent as typed: after ^ it reads as an exponent"),
        ("it costs ${price}", "{price} is sent as typed: after $ it reads as a shell variable"),
        ("f(a){name}", "{name} is sent as typed: after ) it reads as code"),
        ('{"a": {x}}', "{x} is sent as typed: it stands inside of other braces"),
        ("{df:.2f}", "{df:.2f} is sent as typed: a format is for numbers, texts and dates"),
        ("{df!r}", "{df!r} is sent as typed: a format is for numbers, texts and dates"),
        ("{name:.2f}", "{name:.2f} is sent as typed: a format is for numbers, texts and dates"),
    ],
)
def test_a_near_miss_is_said(text, said):
    asked = ask(text)
    assert asked.near == (said,)
    assert text.partition(" {n}")[0] in asked.text


def test_a_near_miss_is_said_once_and_a_few_are_enough():
    assert len(ask("{dff} {dff} {dff}").near) == 1
    assert (
        len(ask(" ".join(f"{{{name}}}" for name in ("dff", "usr", "colr", "nme", "cout", "sall", "lable"))).near) == 5
    )


@pytest.mark.parametrize(
    "text",
    [
        "`{dff}`",
        "{w}",
        '"{word}"',
        "/words/{word}",
        "{word}.csv",
        "{unheard + n}",
        "${dff}",
        "{{dff}}",
        "\\frac{dff}{dff}",
        '{"dff": 1}',
        "{str(n)}",
    ],
)
def test_nothing_is_said_where_nothing_was_meant(text):
    assert ask(text).near == ()


def test_what_was_replaced_is_told_with_its_place():
    asked = ask("see {df.shape} and {n}, {x:.1f}")
    assert [(one.expression, one.type_name) for one in asked.replaced] == [
        ("df.shape", "tuple"),
        ("n", "int"),
        ("x", "float"),
    ]
    assert [asked.text[one.start : one.end] for one in asked.replaced] == ["«df.shape»", "«n»", "2.5"]


def test_what_a_value_is_told_as_is_not_looked_at_again():
    asked = interpolate("{a} {b}", {"a": "{b}", "b": "`{a}`"}, lambda value, _: str(value))
    assert asked.text == "{b} `{a}`"


def test_each_expression_is_evaluated_once_from_left_to_right():
    calls = []
    names = {"f": lambda value: calls.append(value) or value}
    assert interpolate("{f(1)} {f(2)} `{f(3)}` {f(1)}", names, lambda value, _: str(value)).text == "1 2 `{f(3)}` 1"
    assert calls == [1, 2, 1]


def test_an_expression_that_raises_stops_the_question():
    with pytest.raises(QuestionError) as caught:
        ask("{n} {user['nme']}")
    assert str(caught.value) == (
        "{user['nme']} raised KeyError: 'nme'. Nothing was sent: correct it, or send the braces as typed with --raw"
    )
    with pytest.raises(QuestionError, match=r"\{n / \(n - 3\)\} raised ZeroDivisionError: division by zero\."):
        ask("{n / (n - 3)}")


def test_a_user_who_stops_it_is_heard():
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interpolate("{stop()}", {"stop": stop}, lambda value, _: str(value))


def test_a_format_runs_no_code_of_the_user():
    class Loud(float):
        def __format__(self, form):
            raise AssertionError

        def __repr__(self):
            raise AssertionError

    assert ask("{y:.1f} {y!r}", {"y": Loud(1.25)}).text == "1.2 1.25"


def test_a_name_of_the_user_hides_a_built_in_function():
    assert ask("{sum}", {"sum": 5}).text == "«sum»"
    assert interpolate("{len(xs)}", {"len": lambda _: "mine", "xs": []}, lambda value, _: str(value)).text == "mine"


@pytest.mark.parametrize(
    "text",
    [
        "{" * 50_000,
        "}" * 50_000,
        "{" * 20_000 + "}" * 20_000,
        "`" * 50_000,
        "` `` ``` " * 5_000,
        "$" * 50_000,
        "$a " * 20_000,
        "\\frac{" * 10_000,
        "\\(" * 20_000,
        "\\begin{a}" * 10_000,
        "f'" * 20_000,
        'f"{' * 20_000,
        'f"""' * 15_001,
        "> " * 20_000,
        "- " * 20_000,
        "\n".join("  " * depth + "- x" for depth in range(200)),
        "\t" * 20_000 + "x",
        "{word} " * 10_000,
        "{zz" + "z} {zz" * 5_000,
    ],
)
def test_odd_texts_come_out_as_they_went_in(text):
    assert ask(text).text == text


# Pieces that together make braces of every kind.
PIECES = st.sampled_from(
    [
        *"{}`$\\_^\"' a:|é([\n\t",
        "{n}",
        "{df}",
        "``",
        "```",
        "~~~",
        "$$",
        "\\(",
        "\\)",
        "\\frac",
        "f'",
        'f"""',
        "!r",
        *(".2f", "\n\n", "\r\n", "    ", "- ", "> ", "1. ", "# ", "$5 "),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_without_names_every_text_is_as_typed(text):
    assert interpolate(text, {}, str.__add__).text == text
    assert ask(text, {"unheard_of": 1}).text == text


@given(st.text().filter(lambda text: "{" not in text))
def test_without_braces_every_text_is_as_typed(text):
    assert ask(text).text == text


@given(st.lists(PIECES, max_size=40).map("".join))
def test_only_the_told_parts_differ(text):
    """Putting each expression back where its value stands gives the text as typed."""
    asked = interpolate(text, {"n": 1, "df": 2}, lambda value, expression: f"«{expression}»")
    back, position = "", 0
    for one in asked.replaced:
        if asked.text[one.start : one.end] != f"«{one.expression}»":
            return  # a format: not told by us
        back += asked.text[position : one.start] + f"{{{one.expression}}}"
        position = one.end
    assert back + asked.text[position:] == text


@given(st.lists(PIECES, max_size=20).map("".join))
def test_a_fence_protects_whatever_stands_in_it(text):
    fence = "`" * 50
    fenced = f"{fence}\n{text}\n{fence}\n"
    assert ask(fenced + "{n}").text == fenced + "«n»"
