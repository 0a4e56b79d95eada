"""Arguments in many pieces are joined in linear time: four times as many take about four times the work."""

from __future__ import annotations

import time

import pytest

from deepseek_magic.api.events import Opened, ToolCallDelta
from tests.chat.scripted import asker
from tests.sizes import scaled
from tests.tools.test_rounds import rounds

MANY = scaled(400_000, 40_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", "weather"])
@pytest.mark.parametrize("piece", ["1,", "[", '"a\\n"'])
def test_the_work_is_linear(name, piece):
    def work(count: int) -> float:
        pieces = [ToolCallDelta(0, "c", "weather", "["), *[ToolCallDelta(0, "", name, piece)] * count]
        with asker("http://127.0.0.1:9") as user:
            plan = rounds(user)
            plan.filter([Opened()])
            began = time.process_time()  # our own work: that of others on the machine does not count
            for place in range(0, len(pieces), 50):
                plan.filter(pieces[place : place + 50])
            (call,) = plan._collected(1)
            spent = time.process_time() - began
        assert call.arguments == "[" + piece * count
        return spent

    assert min(work(MANY) for _ in range(3)) < 12 * max(min(work(MANY // 4) for _ in range(3)), 0.01)
