"""Each tier can be asked for by its marker: also those whose tests do not name it themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel  # a process for each


@pytest.mark.parametrize(("tier", "place"), [("fast", "settings/test_kinds.py"), ("kernel", "servers")])
def test_a_tier_is_chosen_by_its_marker(tier: str, place: str) -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", tier]
    tests = Path(__file__).parent
    done = subprocess.run([*command, str(tests / place)], cwd=tests.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
