"""Conversations into files and out of them: the same text again in every form, and nothing but text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.api.events import WebSource
from deepseek_magic.app import chat_import
from deepseek_magic.app.chat_export import as_jsonl, as_markdown, as_notebook
from deepseek_magic.app.chat_records import Records, TurnRecord, fill, records_of
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard

FORMS = {
    "jsonl": (as_jsonl, chat_import.from_jsonl),
    "ipynb": (as_notebook, chat_import.from_notebook),
    "md": (as_markdown, chat_import.from_markdown),
}
EACH_FORM = pytest.mark.parametrize("form", FORMS)
LINES = ("```\n", "<!-- part-1 answer -->\n", "<!-- part-2 ", "## Question 2", "%%deepseek --raw\n", "-->", "--")
PIECES = st.sampled_from(
    [
        *LINES,
        "\n",
        "\n\n",
        " ",
        "a",
        "é",
        "\r\n",
        "`",
        "\u2028",
        "\x0c",
        "\x1b[2J",
        "\ud800",
        "{}",
        '"',
        "\\u002d",
        "system",
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=8).map("".join).filter(str.strip)
RECORDS = st.builds(
    TurnRecord,
    number=st.just(0),
    question=TEXTS,
    answer=TEXTS,
    thinking=st.one_of(st.just(""), TEXTS),
    model=st.sampled_from(["", "deepseek-flash", "--> x", 'a"b']),
    state=st.sampled_from(["complete", "cut", "interrupted"]),
    origin=st.sampled_from(["model", "edited", "imported"]),
    fresh=st.booleans(),
    sources=st.lists(
        st.builds(
            WebSource,
            number=st.integers(1, 99),
            title=st.one_of(st.just(""), TEXTS),
            url=TEXTS.map(lambda text: f"https://a.example/{text}"),
            site=st.sampled_from(["", "a.example"]),
            date=st.sampled_from(["", "2026-01-31"]),
        ),
        max_size=2,
    ).map(tuple),
)


def numbered(records: list[TurnRecord]) -> tuple[TurnRecord, ...]:
    fields = TurnRecord.__dataclass_fields__
    return tuple(
        TurnRecord(**{name: getattr(one, name) for name in fields} | {"number": 2 * place})
        for place, one in enumerate(records, 1)
    )


@EACH_FORM
@settings(max_examples=60, deadline=None)
@given(turns=st.lists(RECORDS, min_size=1, max_size=4).map(numbered), system=st.one_of(st.just(""), TEXTS))
def test_what_is_read_is_what_was_written(form, turns, system):
    write, read = FORMS[form]
    records = Records("main", system, turns)
    text = write(records).encode("utf-8", "backslashreplace").decode("utf-8")
    found = read(text)
    assert found.name == "main"
    # Markdown has no escape that a lone surrogate could be read from again, and no thinking
    as_text = (lambda value: value.replace("\ud800", "\\ud800")) if form == "md" else str
    assert found.system == as_text(system)
    assert [(one.question, one.answer) for one in found.turns] == [
        (as_text(one.question), as_text(one.answer)) for one in turns
    ]
    assert [one.thinking for one in found.turns] == ["" if form == "md" else one.thinking for one in turns]
    assert [one.about() for one in found.turns] == [one.about() for one in turns]


def test_a_conversation_is_filled_with_text_whose_secrets_are_masked():
    secret = "sk-" + "0123456789abcdef" * 2
    turns = (
        TurnRecord(3, f"my key is {secret}", "Do not show it.", "Hm.", "deepseek-flash"),
        TurnRecord(7, "again", f"It was {secret}", state="cut", origin="edited", fresh=True),
    )
    conversation = Conversation("main")
    assert fill(conversation, Records("main", "Be brief.", turns), Guard("mask", {})) == 2
    first, second = conversation.transcript.turns
    assert secret not in str([(turn.question, turn.text, turn.reasoning) for turn in (first, second)])
    assert (first.number, second.number) == (1, 2)
    assert (first.reasoning, first.served.model, first.origin) == ("Hm.", "deepseek-flash", "imported")
    assert (second.state, second.origin, second.fresh) == ("cut", "imported", True)
    assert conversation.system == "Be brief."
    assert [one.origin for one in records_of(conversation).turns] == ["imported", "imported"]
    with pytest.raises(SecretFound):
        fill(Conversation("other"), Records("main", "", turns), Guard("refuse", {}))
