"""Each tier can be asked for by its marker: also those whose tests do not name it themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import deepseek_magic

TESTS = Path(__file__).parent
ROOMS = {file.parent.name for file in Path(deepseek_magic.__file__).parent.glob("*/__init__.py")}


def collected(*arguments: str) -> list[str]:
    """Return the tests that pytest finds."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, *arguments], cwd=TESTS.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("tier", "place"),
    [("fast", "settings/test_kinds.py"), ("thorough", "batch/test_engine.py"), ("kernel", "servers")],
)
def test_a_tier_is_chosen_by_its_marker(tier: str, place: str) -> None:
    assert collected("-m", tier, str(TESTS / place))


@pytest.mark.kernel
def test_the_fast_tests_are_of_every_room() -> None:
    assert {test.split("/")[1] for test in collected("-m", "fast") if test.count("/") > 1} >= ROOMS


def test_no_file_sets_its_marks_twice() -> None:
    """The second would take the place of the first."""
    mark = re.compile("^pytestmark =", re.MULTILINE)
    files = sorted(TESTS.rglob("test_*.py"))
    assert [file.name for file in files if len(mark.findall(file.read_text(encoding="utf-8"))) > 1] == []
