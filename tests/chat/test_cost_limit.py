"""The limit on what a reply may cost: before it is asked for, while it comes, and for all its requests together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.api.events import ReasoningDelta, Served, TextDelta, ToolCallDelta
from deepseek_magic.api.messages import Message, Tool, ToolCall
from deepseek_magic.api.pricelist import load
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.cost_limit import Spending, limited
from deepseek_magic.chat.plan import GO_ON, Plan
from deepseek_magic.chat.prompt_size import prompt_tokens
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import ConfigurationError, CostLimit
from deepseek_magic.render.renderer import Silent
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.text import estimate_tokens
from tests.faults import FaultServer, Hang, deltas, reply, stream
from tests.requesting import chat

URL = "http://gpu.example:8000/v1"
# A prompt token is a hundredth of a cent, one of the reply a tenth.
PRICES = load({"as_of": "2026-01-01", "hosts": {"gpu.example:8000": {"m": {"cache_miss": 100, "output": 1000}}}})
REQUEST = chat("m", (Message("user", "Why?"),))


def spending(dollars, prompt=10, model="m"):
    return Spending(Settings(base_url=URL, model=model, max_cost=dollars), PRICES, prompt)


def let_through(spent, *batches):
    """What is let through of the batches, and the limit that was reached, if it was."""
    made = []
    try:
        for batch in limited(iter(batches), spent):
            made += batch
    except CostLimit as reached:
        return made, str(reached)
    return made, ""


def test_a_prompt_that_costs_more_than_the_limit_is_not_sent():
    with pytest.raises(CostLimit, match=r"the prompt alone costs about \$0\.001, and --max-cost is \$0\.0009"):
        spending(0.0009)
    assert spending(0.0011).most == 0.0011


def test_where_the_price_is_unknown_there_is_no_limit_to_keep():
    with pytest.raises(ConfigurationError, match=r"the price of other at .* is not known"):
        spending(1, model="other")


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(
    "event",
    [TextDelta("word " * 10), ReasoningDelta("word " * 10), ToolCallDelta(0, "", "", "word " * 10)],
    ids=lambda event: type(event).__name__,
)
def test_whatever_is_written_counts_and_ends_it_at_the_limit(event, together):
    batches = [[event, event]] if together else [[event], [event]]
    made, reached = let_through(spending(0.001 + 0.0101), *batches)
    assert made == [event]  # 10 tokens
    assert reached.startswith("stopped at --max-cost 0.0111: about $0.021 so far")


def test_wide_characters_count_more_and_other_events_cost_nothing():
    events = [Served("a", "b", "c"), TextDelta("世界" * 5), TextDelta("世界")]
    made, reached = let_through(spending(0.001 + 0.0051), *([event] for event in events))
    assert made == events[:2]
    assert reached


def test_a_second_request_counts_with_its_prompt():
    spent = spending(0.0031)
    asked = (*REQUEST.messages, Message("assistant", ""), Message("user", "word " * 20))
    spent.add_prompt(chat("m", asked))
    made, reached = let_through(spent, [TextDelta("word")])
    assert made == []
    assert "about $0.00" in reached


def test_the_definitions_of_tools_count_with_every_request():
    tool = Tool("look", "Look into it. " * 20, '{"type": "object", "properties": {}}')
    plain = chat("m", REQUEST.messages)
    with_tools = replace(plain, tools=(tool, tool))
    definitions = prompt_tokens(with_tools) - prompt_tokens(plain)
    assert definitions > 100
    spent = spending(1)
    before = spent.dollars()
    spent.add_prompt(with_tools)
    assert spent.dollars() - before == pytest.approx(1e-4 * prompt_tokens(with_tools))


def test_calls_and_their_thinking_count_with_what_follows_them():
    called = Message("assistant", "", reasoning="I look first. ", tool_calls=(ToolCall("a", "look", '{"at": 1}'),))
    found, tools = Message("tool", "found", tool_call_id="a"), (Tool("look"),)
    asked = replace(chat("m", (*REQUEST.messages, called, found)), tools=tools)
    without = replace(chat("m", (*REQUEST.messages, found)), tools=tools)
    calls = estimate_tokens('look{"at": 1}')
    assert prompt_tokens(asked.changed(thinking="off")) - prompt_tokens(without) == calls
    thinking = prompt_tokens(asked.changed(thinking="high")) - prompt_tokens(without) - calls
    assert thinking == estimate_tokens("I look first. ")


def test_a_question_whose_tools_alone_cost_more_than_the_limit_is_not_sent():
    class WithTools(Plan):
        def prepare(self, request):
            return replace(request, tools=(Tool("look", "Look into it. " * 20),))

    question = Question("Go!", Settings(base_url=URL, model="m", max_cost=0.004), prices=PRICES)
    with FaultServer() as server:
        client = Client(server.url, None, DEEPSEEK)
        with pytest.raises(CostLimit, match="not asked"):
            Conversation().ask(question, client, Silent(), plan=WithTools())
        server.enqueue(reply("."))
        assert Conversation().ask(question, client, Silent()).text == "."
        client.close()


def test_the_connection_is_closed_and_the_text_kept_and_gone_on_with():
    with FaultServer() as server:
        prices = load(
            {"as_of": "2026-01-01", "hosts": {f"127.0.0.1:{server.port}": {"*": {"cache_miss": 0, "output": 1000}}}}
        )
        client, conversation = Client(server.url, None, DEEPSEEK), Conversation()
        settings = Settings(base_url=server.url, dialect="deepseek", max_cost=0.0061)
        server.enqueue(stream(*deltas("word " * 40, pieces=10), Hang()), reply(" end."))
        with pytest.raises(CostLimit) as stopped:
            conversation.ask(Question("Go!", settings, prices=prices), client, Silent())
        assert server.wait_disconnect()
        assert stopped.value.reply.text == "word " * 6
        assert stopped.value.reply.notices[-1] == f"Incomplete. {GO_ON}"
        assert conversation.resume(settings, client, Silent()).text == f"{'word ' * 6}".rstrip() + " end."
        client.close()
