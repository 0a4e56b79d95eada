"""The kernel, the front end and the versions, as the doctor reads them."""

from __future__ import annotations

from importlib import metadata

import pytest

from deepseek_magic.doctor.surroundings import broken_bounds, check, installed
from deepseek_magic.render.choose import FrontEnd

HERE = {"requests": "2.30.0", "pydantic": "2.12", "pytest": "8.0.0rc1", "keyring": "1.0"}


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name not in HERE:
            raise metadata.PackageNotFoundError(name)
        return HERE[name]

    monkeypatch.setattr(metadata, "version", version)


@pytest.mark.usefixtures("versions")
def test_what_is_missing_or_older_than_its_bound_is_named() -> None:
    needs = [
        "requests>=2.31",
        "pydantic>=2.12.0",
        "absent>=1.0",
        "tomli>=2.0; python_version < '3.10'",
        'keyring>=24; extra == "keyring"',
        'joblib>=1.4; extra == "cluster"',
        "pytest>=8.0",
        "types-requests",
    ]
    assert list(broken_bounds(needs)) == [
        ("requests", "requests is 2.30.0, older than 2.31"),
        ("absent", "absent is not installed"),
        ("keyring", "keyring is 1.0, older than 24"),
    ]


def test_a_terminal_needs_no_widgets() -> None:
    checks = {finding.check: finding for finding in check(FrontEnd(), "auto")}
    assert "widgets" not in checks
    assert checks["front end"].found.startswith("a terminal")
    assert "ipykernel" not in checks["kernel"].found
    assert installed("no-such-distribution") is None


def test_a_back_end_that_is_configured_is_the_one_that_is_said() -> None:
    checks = {finding.check: finding for finding in check(FrontEnd(in_kernel=True), "display")}
    assert checks["front end"].found.endswith("the back end display")
