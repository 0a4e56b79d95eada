"""A budget over everything: counted from many threads, stopped in time, and said what it was spent on."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from deepseek_magic.api.catalogue import PRICES, Price, Rate
from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.kernel_budget import MAPS, WEB, Budget
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import ConfigurationError, CostLimit
from deepseek_magic.settings.parameters import Settings
from tests.chat.scripted import Recorded
from tests.faults import reply, usage

RATE = Rate(100.0, 100.0, 1_000.0)  # a dollar for ten thousand tokens in, or a thousand out


@pytest.fixture
def asked(server):
    """Asks a question of the server, whose tokens are dear, within a budget."""
    host = server.url.partition("://")[2]
    prices = replace(PRICES, hosts={(host, "*"): Price(RATE, RATE)})
    conversation = Conversation()
    client = Client(server.url, None, DEEPSEEK, sleep=lambda _seconds: None)

    def ask(text, budget, kind="questions", known=True):
        settings = Settings(base_url=server.url)
        question = Question(text, settings, prices=prices if known else PRICES, budget=budget, spent_on=kind)
        return conversation.ask(question, client, Recorded())

    yield ask
    client.close()


def test_what_was_spent_is_counted_by_what_the_endpoint_counted(server, asked):
    """By kinds; what ended counts as it was, not as it was estimated."""
    budget = Budget(2.0)
    server.enqueue(reply("One.", usage=usage(1_000, 100)), reply("Two.", usage=usage(1_000, 200)))
    asked("Hello", budget)
    asked("Again", budget, "background")
    assert round(budget.spent, 6) == 0.5
    assert budget.on_what() == "questions $0.20, background $0.30"


def test_a_question_beyond_it_is_not_asked(server, asked):
    budget = Budget(0.15)
    server.enqueue(reply("One.", usage=usage(1_000, 100)))
    asked("Hello", budget)
    with pytest.raises(CostLimit, match=r"not asked: the budget of \$0.15 .* is spent \(questions \$0.20") as caught:
        asked("Again", budget)
    assert len(server.requests) == 1
    assert "\n" not in str(caught.value)
    budget.limit = None
    server.enqueue(reply("Two."))
    assert asked("Again", budget).text == "Two."


def test_a_reply_is_stopped_in_its_middle_and_what_came_is_counted(server, asked):
    budget = Budget(0.05)
    server.enqueue(reply("word " * 400, pieces=100))
    with pytest.raises(CostLimit, match=r"stopped: the budget of .* the text so far is kept") as caught:
        asked("Hello", budget)
    assert 0 < len(caught.value.reply.text) < 2_000
    assert 0.04 < budget.spent < 0.2
    assert budget.on_what().startswith("questions $")


def test_what_others_spend_meanwhile_counts(server, asked):
    """Of replies under way in other threads, of maps and of the web."""
    budget = Budget(1.0)
    other = object()
    budget.note(other, 0.99)
    server.enqueue(reply("word " * 400, pieces=100))
    with pytest.raises(CostLimit):
        asked("Hello", budget)
    budget.settle(other, {MAPS: 0.3, WEB: 0.2})
    assert "the web $0.20, maps $0.30" in budget.on_what()
    assert 0.5 < budget.spent < 0.7


def test_a_price_that_is_not_known(server, asked):
    """A server on this machine is free; any other is refused, and nothing of it is counted."""
    budget = Budget(1.0)
    server.enqueue(reply("One."))
    assert asked("Hello", budget, known=False).text == "One."
    assert budget.spent == 0
    with pytest.raises(ConfigurationError, match=r"DeepSeek.budget: the price of it at gpu.example is not known"):
        budget.check_price(None, "https://gpu.example/v1", "it")
    Budget().check_price(None, "https://gpu.example/v1", "it")


def test_many_threads_count_each_cent():
    budget = Budget(100.0)

    def spend(number):
        for _ in range(500):
            budget.note(number, 0.02)
            budget.settle(number, {"questions": 0.01})

    threads = [threading.Thread(target=spend, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert round(budget.spent, 6) == 40.0
    assert budget.left == pytest.approx(60.0)
    assert budget.left_behind().spent == pytest.approx(40.0)
    assert Budget().left == float("inf")
