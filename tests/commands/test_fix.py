"""``%deepseek_fix --compare``: several repairs of one error; the rest is tested in ``tests/magics/test_fix.py``."""

from __future__ import annotations

import pytest

from deepseek_magic.commands import fix, picking
from deepseek_magic.commands.call import Call
from deepseek_magic.errors import OptionError
from deepseek_magic.notebook import snapshot
from deepseek_magic.notebook.kernel import Kernel
from tests.faults import api_error, error, reply

MODELS = "--compare deepseek-flash,deepseek-v4-pro"


@pytest.fixture
def asks(session, shell, server):
    """Asks for a repair of a cell that failed; each model has a repair of its own."""
    server.repeat(lambda request: reply(f"Divide:\n\n```python\nx = 1 / {len(request.json['model'])}\n```\n"))
    snapshot.start(shell)
    shell.run_cell("x = 1 / 0", store_history=True)

    def ask(function, line):
        result = function(Call(session, {"renderer": "none"}, Kernel(shell), line))
        return result, [one if isinstance(one, str) else one.data["text/plain"] for one in result.show]

    yield ask
    snapshot.stop(shell)


def test_the_repair_that_stands_is_offered_and_the_one_that_is_picked(asks, shell):
    result, said = asks(fix.command, f"{MODELS} please")
    assert list(result.value) == ["deepseek-flash", "deepseek-v4-pro"]
    assert said[0] == "What follows is of answer 1 (deepseek-flash); %deepseek_chat pick N offers another's."
    assert shell.rl_next_input == "x = 1 / 14"
    _, said = asks(lambda call: picking.command(call, "2"), "")
    assert shell.rl_next_input == "x = 1 / 15"
    assert "+x = 1 / 15" in said[1]


def test_outside_of_the_conversation_the_first_is_offered(asks, session, shell, server):
    asks(fix.command, MODELS)
    stood = session.conversations.latest.comparison
    refused = error(402, api_error("Insufficient Balance"))
    server.repeat(lambda request: refused if request.json["model"] == "deepseek-flash" else reply("```py\nx = 2\n```"))
    _, said = asks(fix.command, f"{MODELS} --no-memory")
    assert said[0] == "What follows is of answer 2 (deepseek-v4-pro)."
    assert shell.rl_next_input == "x = 2"
    assert session.conversations.latest.comparison is stood


def test_nothing_is_offered_where_nothing_was_asked(asks, server):
    result, _ = asks(fix.command, f"{MODELS} --dry-run")
    assert result.value is None
    with pytest.raises(OptionError, match=r"--compare as=: .*one of these can differ: model, "):
        asks(fix.command, "--compare as=text,code")
    assert server.requests == []
