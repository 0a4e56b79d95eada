"""Questions side by side in one kernel: the first ones from many threads, and subshells."""

from __future__ import annotations

import pytest

from tests.batch.asking import answering
from tests.faults import FaultServer
from tests.kernel import Kernel

AT_ONCE = """
import threading, deepseek_magic
texts, failed, begin = {}, [], threading.Barrier(10)
def ask(n):
    begin.wait()
    try:
        texts[n] = deepseek_magic.ask(f"number {n}", show=True).text
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=ask, args=(n,)) for n in range(10)]
[one.start() for one in threads]
[one.join() for one in threads]
"""


@pytest.fixture
def loaded(tmp_path):
    with FaultServer() as server, Kernel(tmp_path) as kernel:
        kernel.fresh(server.url)
        server.repeat(answering)
        yield kernel


def test_the_first_questions_come_from_ten_threads(loaded):
    """Each of them imports what shows a reply; `tests/render/test_choose.py` holds such an import in its middle."""
    cell = loaded.run(AT_ONCE)
    assert loaded.value("failed") == []
    assert loaded.value("texts") == {str(n): f"answer to number {n}" for n in range(10)}
    shown = sorted(output.data["text/plain"] for output in cell.displays)
    assert shown == [f"answer to number {n}" for n in range(10)]


def test_a_reply_in_a_subshell_is_shown_once(loaded):
    client = loaded.client
    if not loaded.value("hasattr(get_ipython().kernel, 'create_subshell_request')"):
        pytest.skip("this kernel has no subshells")
    shells = []
    for _ in range(4):
        asked = client.session.msg("create_subshell_request", {})
        client.control_channel.send(asked)
        shells.append(client.get_control_msg(timeout=60)["content"]["subshell_id"])
    running = []
    for number in range(16):
        message = client.session.msg("execute_request", {**REQUEST, "code": f"%deepseek --no-memory number {number}"})
        message["header"]["subshell_id"] = shells[number % 4]
        client.shell_channel.send(message)
        running.append(message["header"]["msg_id"])
    found: dict[str, list[str]] = {one: [] for one in running}
    idle: set[str] = set()
    while len(idle) < len(running):
        come = client.get_iopub_msg(timeout=60)
        parent, kind = come["parent_header"].get("msg_id"), come["msg_type"]
        if parent in found and kind in ("display_data", "execute_result", "error"):
            found[parent].append(kind)
        if parent in found and kind == "status" and come["content"]["execution_state"] == "idle":
            idle.add(parent)
    assert list(found.values()) == [["display_data"]] * len(running)


REQUEST = {"silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True, "stop_on_error": False}
