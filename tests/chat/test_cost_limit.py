"""The limit on what a reply may cost: before it is asked for, while it comes, and for all its requests together."""

from __future__ import annotations

import pytest

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.api.events import ReasoningDelta, Served, TextDelta, ToolCallDelta
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.api.pricelist import load
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.cost_limit import Capped, Limit
from deepseek_magic.chat.exchange import GO_ON, OneStep
from deepseek_magic.chat.question import Question
from deepseek_magic.chat.transcript import Turn
from deepseek_magic.errors import ConfigurationError, CostLimit
from deepseek_magic.render.renderer import Silent
from deepseek_magic.settings.parameters import Settings
from tests.faults import FaultServer, Hang, deltas, reply, stream

URL = "http://gpu.example:8000/v1"
# A prompt token is a hundredth of a cent, one of the reply a tenth.
PRICES = load({"as_of": "2026-01-01", "hosts": {"gpu.example:8000": {"m": {"cache_miss": 100, "output": 1000}}}})
REQUEST = Request("m", (Message("user", "Why?"),))


def capped(dollars, prompt=10, inner=None):
    steps = Capped(inner or OneStep(), Limit(dollars, PRICES, URL), prompt)
    steps.first(REQUEST)
    return steps


def test_a_prompt_that_costs_more_than_the_limit_is_not_sent():
    with pytest.raises(CostLimit, match=r"the prompt alone costs about \$0\.001, and --max-cost is \$0\.0009"):
        capped(0.0009)
    assert capped(0.0011).go_on == GO_ON


def test_where_the_price_is_unknown_there_is_no_limit_to_keep():
    with pytest.raises(ConfigurationError, match=r"the price of other at .* is not known"):
        Capped(OneStep(), Limit(1, PRICES, URL), 10).first(Request("other", REQUEST.messages))


@pytest.mark.parametrize(
    "event",
    [TextDelta("word " * 10), ReasoningDelta("word " * 10), ToolCallDelta(0, "", "", "word " * 10)],
    ids=lambda event: type(event).__name__,
)
def test_whatever_is_written_counts_and_ends_it_at_the_limit(event):
    steps = capped(0.001 + 0.0151)
    assert steps.taken(event) == event  # 15 tokens
    with pytest.raises(CostLimit, match=r"stopped at --max-cost 0\.0161: about \$0\.031 so far"):
        steps.taken(event)


def test_wide_characters_count_twice_and_other_events_cost_nothing():
    steps = capped(0.001 + 0.0061)
    assert steps.taken(Served("a", "b", "c")) == Served("a", "b", "c")
    assert steps.taken(TextDelta("世界" * 5)) == TextDelta("世界" * 5)
    with pytest.raises(CostLimit):
        steps.taken(TextDelta("世界"))


class Again(OneStep):
    """Asks a second time."""

    def then(self, turn, request, show):
        return Request("m", (*request.messages, Message("assistant", turn.text), Message("user", "word " * 20)))


def test_a_second_request_counts_with_its_prompt():
    steps = capped(0.0045, inner=Again())
    steps.then(Turn(1, "Why?"), REQUEST, lambda _: None)
    with pytest.raises(CostLimit, match=r"about \$0\.00[45]"):
        steps.taken(TextDelta("word"))


def test_the_connection_is_closed_and_the_text_kept_and_gone_on_with():
    with FaultServer() as server:
        prices = load(
            {"as_of": "2026-01-01", "hosts": {f"127.0.0.1:{server.port}": {"*": {"cache_miss": 0, "output": 1000}}}}
        )
        client, conversation = Client(server.url, None, DEEPSEEK), Conversation()
        settings = Settings(base_url=server.url, dialect="deepseek", max_cost=0.01)
        server.enqueue(stream(*deltas("word " * 40, pieces=10), Hang()), reply(" end."))
        with pytest.raises(CostLimit) as stopped:
            conversation.ask(Question("Go!", settings, prices=prices), client, Silent())
        assert server.wait_disconnect(5)
        assert stopped.value.reply.text == "word " * 6
        assert stopped.value.reply.notices[-1] == f"Incomplete: it reached --max-cost. {GO_ON}"
        assert conversation.resume(settings, client, Silent()).text == f"{'word ' * 6}".rstrip() + " end."
        client.close()
