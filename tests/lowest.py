"""The lowest versions that pyproject.toml allows, as constraints for pip: ``python -m tests.lowest``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
_BOUND = re.compile(r"(?P<name>[\w.-]+)>=(?P<lowest>[\d.]+)(?P<marker>;.*)?")


def constraints() -> Iterator[str]:
    """Yield one line for each package that every installation has: the lowest version, in its newest repair."""
    for one in tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]:
        bound = _BOUND.fullmatch(one.replace(" ;", ";"))
        if bound is None:
            msg = f"{one}: expected NAME>=VERSION"
            raise ValueError(msg)
        yield f"{bound['name']}=={bound['lowest']}.*{bound['marker'] or ''}"


if __name__ == "__main__":
    print("\n".join(constraints()))
