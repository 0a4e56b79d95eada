"""The steps of the way to an endpoint, where the whole is not needed to see them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from deepseek_magic.api.network import Way
from deepseek_magic.doctor.connection import clock, steps
from tests.faults import FaultServer
from tests.tunnels import Plain

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("offset", "state", "words"),
    [
        (timedelta(seconds=3), "fine", "within 4 seconds"),
        (timedelta(minutes=-10), "wrong", "10 minutes behind"),
        (timedelta(days=400), "wrong", "9,600 hours ahead of"),
    ],
)
def test_a_clock_is_compared_with_the_endpoints(offset: timedelta, state: str, words: str) -> None:
    finding = clock(format_datetime(NOW - offset, usegmt=True), NOW)
    assert finding.state == state
    assert words in finding.found


@pytest.mark.parametrize("said", ["", "yesterday", "99:99"])
def test_a_date_that_cannot_be_read_says_nothing(said: str) -> None:
    assert clock(said, NOW).state == "not checked"


def test_each_step_of_a_good_way_is_fine(server: FaultServer) -> None:
    found = list(steps(server.url, Way("127.0.0.1")))
    assert [(finding.check, finding.state) for finding in found] == [
        ("proxy", "fine"),
        ("name", "fine"),
        ("connection", "fine"),
    ]


def test_a_name_is_tried_at_each_of_its_addresses(server: FaultServer) -> None:
    """``localhost`` may be ::1 first, where a server of IPv4 does not listen."""
    found = list(steps(server.url.replace("127.0.0.1", "localhost"), Way("localhost")))
    assert found[-1].state == "fine"


def test_a_proxy_that_is_not_a_url_is_said() -> None:
    found = list(steps("https://llm.test", Way("llm.test", "http://proxy:port", "HTTPS_PROXY")))
    assert found[-1].line == "wrong: http://proxy:port (HTTPS_PROXY) is not a URL; write http://HOST:PORT"


def test_a_socks_proxy_is_looked_for_at_its_usual_port() -> None:
    found = {one.check: one for one in steps("https://llm.test", Way("llm.test", "socks5h://127.0.0.1", "ALL_PROXY"))}
    assert "127.0.0.1:1080" in found["connection"].found


def test_what_excludes_a_host_from_a_proxy_is_named() -> None:
    first, *_ = steps("https://llm.invalid", Way("llm.invalid", direct_by="NO_PROXY"))
    assert first.found == "none: NO_PROXY keeps llm.invalid from it"


def test_a_port_without_tls_and_a_client_certificate_that_is_gone_are_said(tmp_path: Path) -> None:
    with Plain() as plain:
        url = f"https://127.0.0.1:{plain.port}"
        assert "does not speak TLS" in list(steps(url, Way("127.0.0.1")))[-1].found
        gone = str(tmp_path / "gone.pem")
        assert list(steps(url, Way("127.0.0.1"), gone))[-1].line == (
            f"wrong: {gone} (DeepSeek.client_cert) is not there; correct DeepSeek.client_cert"
        )
        (tmp_path / "gone.pem").write_text("not a certificate", encoding="utf-8")
        assert list(steps(url, Way("127.0.0.1"), gone))[-1].found == f"{gone} does not hold what it should in PEM form"
