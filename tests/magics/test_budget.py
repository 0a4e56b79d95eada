"""``%config DeepSeek.budget`` through a real kernel: questions, rounds, jobs, columns, maps and the web count alike."""

from __future__ import annotations

import json

import pytest

from tests.chat.scripted import call, calling
from tests.faults import document, reply, usage
from tests.kernel import Kernel

pytestmark = pytest.mark.kernel
FOUND = document({"results": [{"title": "A title", "url": "https://example.org/a", "summary": "So."}]})


def dear(text: str = "Yes."):
    """A reply that costs 1 cent."""
    return reply(text, usage=usage(0, 10))


def begin(kernel: Kernel, server, folder, budget: float) -> None:
    host = server.url.partition("://")[2]
    rates = {"*": {"cache_miss": 0, "output": 1_000}}
    (folder / "prices.json").write_text(
        json.dumps({"as_of": "2026-11-01", "hosts": {host: rates}, "web": {host: 0.02}})
    )
    kernel.run(f"%config DeepSeek.prices = {str(folder / 'prices.json')!r}")
    kernel.run(f"%config DeepSeek.budget = {budget}")


def test_one_budget_over_everything(kernel: Kernel, server, tmp_path):
    """Each part is counted under its name, the sum stops whatever comes next, and one line says it all."""
    begin(kernel, server, tmp_path, 0.125)
    server.enqueue(calling(call("web_search", '{"query": "it"}', "c"), text="Well."), FOUND, dear())
    assert not kernel.run("%deepseek --web Look it up").failed
    server.enqueue(FOUND)
    assert not kernel.run("%deepseek_search it").failed
    server.enqueue(dear(), dear())
    assert not kernel.run("%deepseek_map ['a', 'b'] -o r Name it: {value}").failed
    server.enqueue(dear())
    kernel.run("%deepseek --bg -o job Hello")
    kernel.run("_ = job.result()")
    said = kernel.run("%deepseek_usage").text
    for one in ("questions $0.03", "the web $0.04", "maps $0.02", "background $0.01"):
        assert one in said
    count = len(server.requests)
    server.enqueue(dear("word " * 100))
    stopped = kernel.run("%deepseek And now?").error
    assert "the budget of $0.12 (DeepSeek.budget) is spent" in stopped or "the budget of $0.13" in stopped
    assert len(server.requests) == count + 1
    for line in ("%deepseek More", "%deepseek_search it", "%deepseek_map ['c'] -o r Name it: {value}"):
        error = kernel.run(line).error
        assert "the web $0.04, maps $0.02, background $0.01" in error
        assert "CostLimit: not asked: the budget" in error
    assert len(server.requests) == count + 1
    kernel.run("%config DeepSeek.budget = None")
    server.enqueue(dear())
    assert not kernel.run("%deepseek More").failed


def test_columns_share_it(kernel: Kernel, server, tmp_path):
    """All of them are stopped where their sum is spent."""
    begin(kernel, server, tmp_path, 0.02)
    server.repeat(reply("word " * 200, pieces=40))
    error = kernel.run("%deepseek --compare deepseek-flash,deepseek-v4-pro Hello").error
    assert "budget" in error
    said = kernel.run("%deepseek_usage").text
    assert "comparisons $0.0" in said


def test_what_a_map_may_not_go_beyond(kernel: Kernel, server, tmp_path):
    """No value is begun that would not fit, and those that have come are kept."""
    begin(kernel, server, tmp_path, 0.05)
    server.repeat(dear())
    error = kernel.run("%deepseek_map --jobs 1 list(range(20)) -o r Name it: {value}").error
    assert "every finished value is kept" in error
    assert "maps $0.0" in error
    assert len(server.requests) <= 6
