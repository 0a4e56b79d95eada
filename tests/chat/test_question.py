"""What is made of a question before it is sent: the messages, the receipt, the masks, and the digest of the request."""

from __future__ import annotations

import pytest

from deepseek_magic.api.encode import to_bytes
from deepseek_magic.api.events import TextDelta
from deepseek_magic.api.messages import Message
from deepseek_magic.chat.plan import Plan
from deepseek_magic.chat.question import Past, Question, prepare
from deepseek_magic.chat.turn import Turn
from deepseek_magic.errors import EmptyQuestion, SecretFound
from deepseek_magic.guard import Guard
from deepseek_magic.record.digest import digest_of
from deepseek_magic.settings.parameters import Settings

SECRET = "".join(("ghp", "_", "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"))


def prepared(text, *, earlier=(), left_out=0, plan=None, guard=None, **settings):
    question = Question(text, Settings(**settings), guard=guard or Guard("off", {}))
    return prepare(question, plan or Plan(), Past(earlier, left_out), "marker")


@pytest.mark.parametrize("text", ["", " \n\t", "\u00a0"])
def test_a_blank_question_is_none(text):
    """There is nothing to ask, which is said with what to do."""
    with pytest.raises(EmptyQuestion, match=r"^there is no question: write it after the options"):
        Question(text, Settings())


def test_a_question_is_sent_byte_for_byte():
    """Without context and system text the one message is the question as it was typed."""
    assert prepared(" a\r\n{b} ").request.messages == (Message("user", " a\r\n{b} "),)


def test_the_system_text_stands_first_and_earlier_turns_in_order():
    """System text, then question and answer of each earlier turn, then the question; the receipt counts the turns."""
    turn = Turn(1, "one", sent="one", state="complete")
    turn.fold([TextDelta("first")])
    made = prepared("two", earlier=(turn,), left_out=3, system="Be brief.")
    assert [(message.role, message.text) for message in made.request.messages] == [
        *(("system", "Be brief."), ("user", "one"), ("assistant", "first"), ("user", "two")),
    ]
    assert (made.receipt.turns, made.past.left_out) == (1, 3)
    assert made.receipt.tokens > prepared("two").receipt.tokens


def test_a_secret_is_masked_wherever_it_stands():
    """In the question, the system text and the stops, each of which the receipt names."""
    guard = Guard("mask", {})
    made = prepared(f"Why {SECRET}?", guard=guard, system=f"Use {SECRET}", stop=(SECRET,))
    assert SECRET.encode() not in to_bytes(made.body())
    masked = {entry.title: entry.masked for entry in made.receipt.entries}
    assert masked == {"system text": ("GitHub token",), "question": ("GitHub token",)}
    assert made.receipt.masked == ("GitHub token",)


def test_a_guard_that_refuses_lets_nothing_be_prepared():
    """The request is never made."""
    with pytest.raises(SecretFound):
        prepared("Why?", guard=Guard("refuse", {}), system=f"Use {SECRET}")


def test_the_digest_is_that_of_the_request():
    """Equal questions have equal digests, and any other body has another."""
    made = prepared("Why?")
    assert made.digest() == digest_of(made.request) == prepared("Why?").digest()
    assert made.digest() != prepared("Why?", temperature=0.5).digest()


def test_the_plan_has_the_last_word():
    """What the plan makes of the request is what is sent."""

    class Brief(Plan):
        def prepare(self, request):
            return request.changed(max_tokens=7)

    assert prepared("Why?", plan=Brief()).body()["max_tokens"] == 7
