"""How many of our functions work on a token, and how many on a question: ``python -m tests.benchmarks.calls``.

A real kernel asks a server on loopback. Counted are calls of functions (resumed generators included) of the package.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests.benchmarks.contenders import OURS
from tests.benchmarks.kernels import Kernel
from tests.benchmarks.limits import PACE
from tests.benchmarks.server import Script, Server

_ROOT = Path(__file__).parents[2]
_PACKAGE = str(_ROOT / "deepseek_magic") + "/"
#: Two lengths of reply: what a reply costs whatever its length is in both.
_SIZES = (400, 1400)
#: Rooms that a question enters as often as its values need it.
_NOT_COUNTED = ("guard", "description", "describe")
#: They are functions of their own in some versions of Python, and no step that a reader has to follow.
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
#: `CO_NEWLOCALS`: functions have it, the bodies of modules and classes do not.
_FUNCTION = 0x02

_calls: Counter[CodeType] = Counter()


def start(*, until_sent: bool = False) -> None:
    """Count from here on, in every thread; ``until_sent`` from the next cell to the first request that leaves."""
    _calls.clear()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event != "call":
            return
        if code.co_filename.startswith(_PACKAGE):
            if code.co_flags & _FUNCTION:
                _calls[code] += 1
        elif until_sent and code.co_name == "transform_cell":  # what came before belongs to the cell before
            _calls.clear()
        elif until_sent and code.co_name == "endheaders" and code.co_filename.endswith("client.py"):
            stop()

    threading.setprofile(note)
    sys.setprofile(note)


def stop() -> None:
    """Count no more."""
    sys.setprofile(None)
    threading.setprofile(None)


def found() -> list[tuple[str, str, int]]:
    """Return module, function and number of calls of what was entered, most calls first."""
    stop()
    return [
        (code.co_filename.removeprefix(_PACKAGE), getattr(code, "co_qualname", code.co_name), count)
        for code, count in _calls.most_common()
    ]


def per_token(kind: str) -> tuple[float, list[tuple[str, float]]]:
    """Return the calls for each token of a reply of this kind, and the functions that are called most."""
    counted: list[Counter[str]] = []
    for size in _SIZES:
        with Server() as server, Kernel(**_variables(server)) as kernel:
            kernel.run(OURS.prepare)
            for tokens, delay in ((50, 0.0), (size, PACE)):  # the first warms the caches
                server.prepare(Script(kind, tokens, delay))
                kernel.run("from tests.benchmarks import calls\ncalls.start()")
                kernel.run(OURS.ask)
            rows = kernel.value("calls.found()")
            counted.append(Counter({f"{module}:{function}": count for module, function, count in rows}))
    few, many = counted
    tokens = _SIZES[1] - _SIZES[0]
    most = [(name, (many[name] - few[name]) / tokens) for name, _ in many.most_common(25)]
    return (many.total() - few.total()) / tokens, most


def before_sending() -> list[tuple[str, str]]:
    """Return module and name of each function that a question with a data frame enters before its request leaves."""
    with Server() as server, Kernel(**_variables(server)) as kernel:
        kernel.run(f"{OURS.prepare}\nimport pandas\ndf = pandas.DataFrame({{'a': [1, 2], 'b': ['x', 'y']}})")
        server.prepare(Script("prose", 50))
        kernel.run("from tests.benchmarks import calls\ncalls.start(until_sent=True)")
        kernel.run("%%deepseek -v df\nexplain")
        rows = kernel.value("calls.found()")
    return [
        (module, name)
        for module, name, _ in rows
        if module.partition("/")[0] not in _NOT_COUNTED and not name.endswith(_COMPREHENSIONS)
    ]


def _variables(server: Server) -> dict[str, str]:
    return {"DEEPSEEK_BASE_URL": server.url, "DEEPSEEK_API_KEY": "sk-benchmark-of-calls", "PYTHONPATH": str(_ROOT)}


def main() -> None:
    """Count and print."""
    for kind in ("prose", "mix"):
        total, most = per_token(kind)
        print(f"{total:.1f} calls for a token of {kind} at {1 / PACE:.0f} tokens a second, the most often called:")
        for name, count in most:
            print(f"  {count:6.2f}  {name}")
    entered = before_sending()
    print(f"%%deepseek -v df explain: {len(entered)} functions in {len({module for module, _ in entered})} modules")
    if "-v" in sys.argv:
        for module, name in sorted(entered):
            print(f"  {module}:{name}")


if __name__ == "__main__":
    main()
