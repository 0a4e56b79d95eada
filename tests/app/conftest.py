"""An endpoint that the environment names, as for a question from Python, and a session that asks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from deepseek_magic.app.session import Session
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.table import MAGICS
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.notebook.kernel import Kernel
from tests.app.asking import texts
from tests.faults import FaultServer, reply

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

KEY = "sk-of-the-python-api-71f0"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """A server that answers each question with its text."""
    with FaultServer() as server:
        monkeypatch.setenv("DEEPSEEK_API_KEY", KEY)
        monkeypatch.setenv("DEEPSEEK_BASE_URL", server.url)
        server.repeat(lambda request: reply(f"answer to {texts(request)[-1]}"))
        yield server


@pytest.fixture
def session(server: FaultServer) -> Iterator[Session]:
    """A session of its own."""
    session = Session()
    yield session
    session.close()


@pytest.fixture
def run_cell(
    server: FaultServer, session: Session, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[str, list[str]]]:
    """Runs a cell that calls a magic, beside a few variables; returns what it said and the questions that were sent."""
    import pandas as pd  # the other tests here need none

    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    shell.user_ns.update(df=frame, texts=["one", "two"], n=7, shout=str.upper)

    def run(cell: str) -> tuple[str, list[str]]:
        count = len(server.requests)
        head, _, body = cell.partition("\n")
        called = re.match(r"%{1,2}(\w+) ?", head)
        assert called is not None
        magic = next(one for one in MAGICS if one.name == called[1])
        line, below = head[called.end() :], body if head.startswith("%%") else None
        call = Call(session, {"renderer": "none"}, Kernel(shell), line, below)
        try:
            result = magic.run(call)
            said = "\n".join(one if isinstance(one, str) else one.data["text/plain"] for one in result.show)
        except DeepSeekError as failed:
            (said,) = failed._render_traceback_()
        return capsys.readouterr().out + said, [texts(request)[-1] for request in server.requests[count:]]

    return run
