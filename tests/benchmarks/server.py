"""The endpoint of the benchmarks, in a process of its own: its work is not counted as the kernel's."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.benchmarks import texts
from tests.faults import Fault, FaultServer, Pause, reply, usage

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Script:
    """One reply: ``delay`` seconds before each token, and ``think`` more before the first."""

    kind: str
    tokens: int
    delay: float = 0.0
    think: float = 0.0

    @property
    def text(self) -> str:
        """The reply's markdown."""
        return texts.text(self.kind, self.tokens)


@dataclass(frozen=True, slots=True)
class Instants:
    """When, on the machine's one monotonic clock, the last question came, its first token left, and its last event."""

    asked: float
    first: float
    last: float


class Server:
    """The server's process, from outside."""

    def __enter__(self) -> Server:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.server"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.url: str = self._answer()["url"]
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def prepare(self, script: Script) -> None:
        """Answer the next question by ``script``."""
        fields = {name: getattr(script, name) for name in Script.__dataclass_fields__}
        self._tell({"prepare": fields})

    def instants(self) -> Instants:
        """Return the instants of the reply that was prepared last."""
        return Instants(**self._tell({"instants": True}))

    def tokens(self) -> list[float]:
        """Return the instants, on that clock, of all events of the last reply but its first, which holds no text."""
        return self._tell({"tokens": True})["tokens"]

    def _tell(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            msg = "the benchmark's server has ended"
            raise RuntimeError(msg)
        return json.loads(line)


def fault(script: Script) -> Fault:
    """Return ``script`` as the server plays it; the first event holds no text yet."""
    made = reply(
        script.text, pieces=texts.TOKEN, delay=script.delay, usage=usage(completion=script.tokens), name=script.kind
    )
    steps = list(made.script())
    first = next(place for place, step in enumerate(steps) if isinstance(step, bytes))
    if script.think:
        steps.insert(first + 1, Pause(script.think))
    return replace(made, steps=tuple(steps))


def main() -> None:
    """Serve until the standard input ends; each line of it is a command, each line of output an answer."""
    with FaultServer(strict=False) as server:
        _say({"url": server.url})
        sent = 0
        for line in sys.stdin:
            command = json.loads(line)
            if "prepare" in command:
                sent = len(server.sent)
                server.enqueue(fault(Script(**command["prepare"])))
                _say({})
            elif "tokens" in command:
                _say({"tokens": [instant for instant, _ in server.sent[sent + 1 :]]})
            else:
                instants = [instant for instant, _ in server.sent[sent:]]
                _say({"asked": server.requests[-1].at, "first": instants[1], "last": instants[-1]})


def _say(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()
