"""What all tests share: the tiers, a server that misbehaves on request, and where pictures of the browser go."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import is_hypothesis_test, settings

from tests.faults import FaultServer

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from tests.strict_endpoint import StrictEndpoint

# What is compiled is kept, whatever the environment says: else each of hundreds of processes compiles the package for
# itself, and each process of the tests every assert, which is half of the work of collecting.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# A shell starts what it runs in the background with interrupts off.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Nothing that is imported is garbage: see `pytest_collection_finish`.
gc.disable()
# No test reads an IRI: jsonschema would build their grammar in each process, which takes longer than all its tests.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

# No example has a deadline: a busy machine must not decide a test. In CI the same examples each time: a find of the
# day belongs to whoever runs the tests at their desk.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--screenshots FOLDER``."""
    parser.addoption("--screenshots", type=Path, default=None, help="keep the browser tests' pictures in this folder")


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for pictures: the one that was asked for, else one that is thrown away."""
    wanted = request.config.getoption("--screenshots")
    folder = wanted if wanted is not None else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


_TIERS = ("fast", "thorough", "kernel", "browser", "slow")
#: Folders whose tests start kernels, terminals or processes of their own, where they do not say that they are fast.
_KERNEL_ROOMS = ("magics", "servers")
#: What stands in a file that has a test of a tier.
_SIGNS = {"thorough": ("mark.thorough", "hypothesis", "is_linear"), "slow": ("mark.slow",)}
#: A file whose tests are all of one tier.
_WHOLE = re.compile(r"^pytestmark = \[?\s*pytest\.mark\.(\w+)", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what has no test of the one tier that is wanted: importing every file takes half a minute."""
    wanted = config.getoption("markexpr")
    if wanted not in ("fast", *_SIGNS) or not collection_path.match("test_*.py"):
        return None
    text = collection_path.read_text(encoding="utf-8")
    if wanted == "fast":
        whole, room = _WHOLE.search(text), collection_path.parent.name
        of_others = (whole is not None and whole[1] in _TIERS) or room in _KERNEL_ROOMS
        return True if of_others and "mark.fast" not in text else None
    return None if any(sign in text for sign in _SIGNS[wanted]) else True


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run the suite, where neither files nor processes are named, in two processes for each core.

    Half of its time a kernel or a page is waited for; the fast tests wait for little, and take a process for each core.
    Each file stays in one process, and the files in their order.
    """
    option, whole = config.option, config.args_source is config.ArgsSource.TESTPATHS
    whole = whole and not hasattr(config, "workerinput")  # this is one of the processes
    if whole and getattr(option, "numprocesses", 0) is None and not option.usepdb and not option.collectonly:
        waits = config.getoption("markexpr") not in ("fast", "thorough")
        option.numprocesses = min(8, (os.cpu_count() or 1) * (2 if waits else 1))
        option.dist, option.loadscopereorder = "loadfile", False


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark each test with its tier, before ``-m`` chooses, and put the files in an order that keeps all processes busy.

    Random documents and measures of work are thorough, and what stands in the rooms of kernels needs one; the others
    say what they are, or are fast.
    """
    for item in items:
        if not any(item.get_closest_marker(tier) for tier in _TIERS):
            item.add_marker(_tier(item))
    yield
    places = _places(items)
    items.sort(key=lambda item: (places[item.path], item.path))


def _tier(item: pytest.Item) -> str:
    """Return the tier of a test that does not say it itself."""
    code = getattr(getattr(item, "function", None), "__code__", None)
    if is_hypothesis_test(getattr(item, "obj", None)) or (code is not None and "is_linear" in code.co_names):
        return "thorough"
    return "kernel" if item.path.parent.name in _KERNEL_ROOMS else "fast"


def _places(items: list[pytest.Item]) -> dict[Path, float]:
    """Return where each file stands: files with kernels and files with pages evenly mixed, then those that are fast.

    Kernels and pages are waited for; so that no long file is the last, the short ones without any fill what is left.
    """
    kinds: dict[Path, str] = {}
    for item in items:
        waits = next((tier for tier in ("browser", "kernel") if item.get_closest_marker(tier)), "")
        kinds[item.path] = waits or kinds.get(item.path, "")
    files = {waits: [path for path in kinds if kinds[path] == waits] for waits in ("browser", "kernel", "")}
    return {
        path: number / len(paths) if waits else 1.0
        for waits, paths in files.items()
        for number, path in enumerate(paths)
    }


def pytest_collection_finish() -> None:
    """Take all that was imported out of the way of the garbage collector: each shell that is reset collects all."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server on loopback that answers as the test says."""
    with FaultServer() as server:
        yield server


@pytest.fixture
def endpoint() -> Iterator[StrictEndpoint]:
    """The embedded endpoint, which checks what it is asked, and remembers it."""
    from tests.strict_endpoint import StrictEndpoint  # most tests do without the demo

    with StrictEndpoint() as running:
        yield running


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """A shell without a kernel and without a history file; it takes the place of the main module meanwhile."""
    from tests import shells  # most tests do without IPython

    with shells.shell(tmp_path_factory.mktemp("ipython")) as made:
        yield made
