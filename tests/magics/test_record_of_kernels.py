"""One record that real kernels write at once, one of them killed again and again: what was said to be kept is there."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from queue import Empty

import pytest
from jupyter_client import KernelManager

from tests.faults import FaultServer, reply
from tests.kernel import environment
from tests.sizes import scaled

LOAD = "%load_ext deepseek_magic\n%config DeepSeek.record = 'answers.db'"


class Asking(threading.Thread):
    """A kernel in which one cell after the other asks; ``ended`` are the questions whose cells had ended."""

    def __init__(self, folder, url, name, count):
        super().__init__(daemon=True)
        self.ended, self.asked, self.error = [], 0, ""
        self._name, self._count, self._killed = name, count, False
        self.manager = KernelManager(kernel_name="python3")
        environ = environment(folder, DEEPSEEK_BASE_URL=url, DEEPSEEK_API_KEY="sk-1")
        self.manager.start_kernel(env=environ, cwd=str(folder))
        self._client = self.manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        self._execute(LOAD)

    def _execute(self, source):
        message = self._client.execute(source)
        while not self._killed:
            try:
                found = self._client.get_shell_msg(timeout=0.5)
            except Empty:
                continue
            if found["parent_header"].get("msg_id") == message:
                return found["content"]
        return {"status": "killed"}

    def run(self):
        for number in range(self._count):
            if self._killed:
                return
            question = f"question {self._name} {number}"
            self.asked += 1
            content = self._execute(f"%deepseek --no-memory --quiet {question}")
            if content["status"] == "ok":
                self.ended.append(question)
            elif content["status"] == "error":
                self.error = f"{content['ename']}: {content['evalue']}"
                return

    def kill(self):
        self.manager.shutdown_kernel(now=True)
        self._killed = True
        self.join(60)

    def close(self):
        self._client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def answered(folder, kernels, each, kills):
    """Let so many kernels ask, and kill one after so many; return what each said was kept."""
    with FaultServer() as server:
        server.repeat(lambda request: reply(f"answer to {request.json['messages'][-1]['content']}"))
        running = [Asking(folder, server.url, name, each) for name in range(kernels)]
        for one in running:
            one.start()
        victims = []
        for kill in range(kills):
            victim = Asking(folder, server.url, f"victim-{kill}", 100_000)
            victim.start()
            wanted = random.randint(1, 12)
            while len(victim.ended) < wanted and not victim.error:
                time.sleep(0.005)
            time.sleep(random.random() * 0.02)
            victim.kill()
            victims.append(victim)
        for one in running:
            one.join(1_800)
        for one in [*running, *victims]:
            one.close()
        return running, victims


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_kernels_write_one_record_while_one_is_killed(tmp_path):
    """The file is whole, and holds every reply whose cell had ended."""
    each = scaled(int(os.environ.get("REPLIES_OF_A_KERNEL", "60")), 5)
    running, victims = answered(tmp_path, int(os.environ.get("KERNELS", "3")), each, scaled(20, 2))
    assert [one.error for one in [*running, *victims] if one.error] == []
    assert [len(one.ended) for one in running] == [each] * len(running)
    connection = sqlite3.connect(tmp_path / "answers.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = dict(connection.execute("SELECT question, text FROM replies"))
    assert connection.execute("SELECT count(*) FROM padded_docsize").fetchone() == (len(found),)
    connection.close()
    ended = [question for one in [*running, *victims] for question in one.ended]
    assert [question for question in ended if found.get(question) != f"answer to {question}"] == []
    assert len(found) <= len(ended) + len(victims)
