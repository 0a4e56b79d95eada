"""The doctor against set-ups that are broken, each on loopback, and against good ones."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from deepseek_magic.app.session import Session
from deepseek_magic.commands.doctor import examined, report
from deepseek_magic.doctor.findings import Finding, all_well, as_json, of_sentence, summary
from deepseek_magic.render.choose import FrontEnd
from tests.faults import (
    FaultServer,
    Pause,
    api_error,
    chunk,
    document,
    error,
    finish,
    normal,
    redirect,
    stream,
)
from tests.tunnels import Proxy, Tls, file_of

KEY = "sk-0123456789abcdef0123456789abcdef"
PASSWORD = "Pw-of-the-proxy-31"
_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*_VARIABLES, *(name.lower() for name in _VARIABLES), *_BUNDLES):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A healthy server."""
    with FaultServer() as server:
        yield server


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Of the tests")


class Patient:
    """A session with these variables, and what the doctor finds of it."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []

    def __call__(self, url: str, config: dict[str, Any] | None = None, **how: Any) -> list[Finding]:
        environ = {"DEEPSEEK_BASE_URL": url, "DEEPSEEK_API_KEY": KEY, **how.pop("environ", {})}
        session = Session(environ)
        self.sessions.append(session)
        front_end = how.pop("front_end", FrontEnd(in_kernel=True))
        found = examined(session, {}, config or {}, front_end, **how)
        for text in (report(found), *(finding.line for finding in found)):
            assert KEY not in text
            assert PASSWORD not in text
        assert all("\n" not in finding.line for finding in found)
        return found


@pytest.fixture
def patient() -> Iterator[Patient]:
    patient = Patient()
    yield patient
    for session in patient.sessions:
        session.close()


def wrong(found: list[Finding]) -> Finding:
    """The one finding that is wrong; it says what to do."""
    (finding,) = [one for one in found if one.state == "wrong"]
    assert finding.remedy
    return finding


def one(found: list[Finding], check: str) -> Finding:
    (finding,) = [finding for finding in found if finding.check == check]
    return finding


def test_a_good_set_up_is_fine_and_nothing_is_asked_that_costs(patient: Patient, server: FaultServer) -> None:
    found = patient(server.url)
    assert all_well(found)
    assert summary(found) == "all fine"
    assert [request.path for request in server.requests] == ["/models", "/user/balance"]
    assert one(found, "streaming").state == "not checked"
    told = json.loads(report(found))
    assert told["ok"] is True
    assert {finding["check"] for finding in told["findings"]} >= {
        *("settings", "key", "proxy", "name", "connection", "endpoint", "model", "balance"),
        *("kernel", "front end", "widgets", "versions", "record"),
    }


def test_1_no_key(patient: Patient) -> None:
    """The endpoint is DeepSeek's own, by a proxy that leads to one of the tests."""
    with FaultServer(strict=False) as server, Proxy({"api.deepseek.com:80": server.port}) as proxy:
        server.repeat(error(401, api_error("Authentication Fails (no key)")))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HTTP_PROXY", proxy.url)
            found = patient("http://api.deepseek.com", environ={"DEEPSEEK_API_KEY": ""})
    finding = wrong(found)
    assert (finding.check, finding.found) == ("key", "there is none for api.deepseek.com")
    assert "%deepseek_login" in finding.remedy
    assert one(found, "proxy").found == f"{proxy.url} (HTTP_PROXY)"
    assert one(found, "endpoint").found == "api.deepseek.com answers"


def test_2_a_malformed_key(patient: Patient, server: FaultServer) -> None:
    finding = wrong(patient(server.url, environ={"DEEPSEEK_API_KEY": f"{KEY} {KEY}"}))
    assert finding.check == "settings"
    assert "the key from the variable DEEPSEEK_API_KEY is not usable" in finding.found
    assert finding.remedy.startswith("set it again")


def test_3_a_refused_key(patient: Patient, server: FaultServer) -> None:
    server.repeat(error(401, api_error(f"Authentication Fails, Your api key: {KEY} is invalid")))
    finding = wrong(patient(server.url))
    assert finding.check == "key"
    assert [one.check for one in patient(server.url)].count("key") == 1
    assert "is refused" in finding.line
    assert "make a new one" in finding.line


def test_4_a_host_that_does_not_exist(patient: Patient) -> None:
    finding = wrong(patient("https://llm.invalid"))
    assert finding.check == "name"
    assert finding.found.startswith("llm.invalid cannot be found")
    assert "check the base URL" in finding.remedy


def test_5_a_port_at_which_nothing_listens(patient: Patient) -> None:
    with FaultServer() as server:
        url = server.url
    finding = wrong(patient(url))
    assert (finding.check, finding.found) == ("connection", f"nothing listens at {url.removeprefix('http://')}")
    assert finding.remedy.startswith("start the server there")


def test_6_a_certificate_of_an_unknown_authority(
    patient: Patient, server: FaultServer, authority: trustme.CA, tmp_path: Path, variables: pytest.MonkeyPatch
) -> None:
    with Tls(server.port, authority) as tls:
        finding = wrong(patient(tls.url))
        assert finding.check == "TLS"
        assert "is not signed by the usual ones" in finding.found
        assert "set REQUESTS_CA_BUNDLE" in finding.remedy
        variables.setenv("REQUESTS_CA_BUNDLE", str(file_of(tmp_path, authority)))
        found = patient(tls.url)
        assert all_well(found)
        assert "signed by Of the tests" in one(found, "TLS").found
        variables.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
        finding = wrong(patient(tls.url))
        assert finding.line.endswith("gone.pem (REQUESTS_CA_BUNDLE) is not there; correct REQUESTS_CA_BUNDLE")


def test_7_a_proxy_that_wants_a_password(
    patient: Patient, server: FaultServer, authority: trustme.CA, tmp_path: Path, variables: pytest.MonkeyPatch
) -> None:
    variables.setenv("REQUESTS_CA_BUNDLE", str(file_of(tmp_path, authority)))
    with (
        Tls(server.port, authority, ("llm.test",)) as tls,
        Proxy({"llm.test:443": tls.port}, f"me:{PASSWORD}") as proxy,
    ):
        variables.setenv("HTTPS_PROXY", proxy.url)
        finding = wrong(patient("https://llm.test"))
        assert finding.check == "endpoint"
        assert finding.found.endswith(f"the proxy {proxy.url} (HTTPS_PROXY) needs a login")
        assert "HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT" in finding.remedy
        variables.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@127.0.0.1:{proxy.port}")
        assert all_well(patient("https://llm.test"))
    finding = wrong(patient("https://llm.test"))
    assert (finding.check, finding.found) == ("connection", f"nothing listens at 127.0.0.1:{proxy.port}")
    assert finding.remedy == "correct HTTPS_PROXY, or name llm.test in NO_PROXY"


def test_8_a_redirect(patient: Patient, server: FaultServer) -> None:
    server.repeat(redirect("https://portal.example/login"))
    finding = wrong(patient(server.url))
    assert finding.check == "endpoint"
    assert "redirects to portal.example, which is not followed" in finding.found
    assert finding.remedy == "set the base URL you mean"
    server.repeat(document("<html>Please log in</html>", content_type="text/html"))
    assert "web page" in wrong(patient(server.url)).line


_PIECES = tuple(chunk({"content": f"{number} "}) for number in range(20))


def test_9_a_gateway_that_buffers(patient: Patient, server: FaultServer) -> None:
    def buffered(request: Any) -> Any:
        held = b"".join((*_PIECES, *finish()))
        return normal(request) if request.method == "GET" else stream(Pause(0.2), held)

    server.repeat(buffered)
    finding = wrong(patient(server.url, streams=True, agreed=True))
    assert finding.check == "streaming"
    assert finding.found.startswith("the reply came in one go (20 pieces in 1 arrival")
    assert "proxy_buffering off" in finding.remedy


def test_a_reply_that_is_whole_at_once_is_not_held_back(patient: Patient, server: FaultServer) -> None:
    """A server on this machine may be as fast."""

    def fast(request: Any) -> Any:
        whole = b"".join((*_PIECES, *finish()))
        return normal(request) if request.method == "GET" else stream(whole)

    server.repeat(fast)
    assert one(patient(server.url, streams=True, agreed=True), "streaming").state == "fine"


def test_a_reply_that_streams_is_fine_and_is_asked_for_first(patient: Patient, server: FaultServer) -> None:
    def paced(request: Any) -> Any:
        paused = [step for piece in _PIECES for step in (piece, Pause(0.01))]
        return normal(request) if request.method == "GET" else stream(*paused, *finish())

    server.repeat(paced)
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "n" if len(asked) == 1 else "y"

    assert one(patient(server.url, streams=True, ask=ask), "streaming").state == "not checked"
    assert one(patient(server.url, streams=True), "streaming").state == "not checked"
    assert [request.method for request in server.requests] == ["GET"] * 4
    finding = one(patient(server.url, streams=True, ask=ask), "streaming")
    assert finding.state == "fine"
    assert finding.found.startswith("20 pieces in ")
    assert "at most 40 tokens" in asked[0]
    assert server.requests[-1].json["max_tokens"] == 40


def test_10_a_wrong_clock(patient: Patient, server: FaultServer) -> None:
    ahead = format_datetime(datetime.now(timezone.utc) - timedelta(hours=3), usegmt=True)
    server.repeat(document({"object": "list", "data": [{"id": "deepseek-flash"}]}, headers=(("Date", ahead),)))
    finding = wrong(patient(server.url))
    assert (finding.check, finding.found) == ("clock", "this machine's is 3 hours ahead of the endpoint's")
    assert finding.remedy.startswith("set it")


def test_11_no_widget_manager(patient: Patient, server: FaultServer, variables: pytest.MonkeyPatch) -> None:
    """What is installed is looked up; a real kernel without ipywidgets is in tests/magics/test_doctor.py."""
    from importlib import metadata

    found = metadata.version

    def version(name: str) -> str:
        if name == "jupyterlab_widgets":
            raise metadata.PackageNotFoundError(name)
        return found(name)

    variables.setattr(metadata, "version", version)
    finding = wrong(patient(server.url))
    assert (finding.check, finding.found.split(",")[1]) == ("widgets", " jupyterlab_widgets")
    assert "pip install jupyterlab_widgets" in finding.remedy
    assert all_well(patient(server.url, front_end=FrontEnd()))


def test_12_a_record_that_cannot_be_used(patient: Patient, server: FaultServer, tmp_path: Path) -> None:
    record = tmp_path / "answers.db"
    record.touch(0o666)
    record.chmod(0o666)
    finding = wrong(patient(server.url, {"record": str(record)}))
    assert finding.check == "record"
    assert "others may write" in finding.line
    record.unlink()
    with sqlite3.connect(record) as foreign:
        foreign.execute("CREATE TABLE theirs (x)")
    foreign.close()
    record.chmod(0o600)
    assert wrong(patient(server.url, {"record": str(record)})).check == "record"
    assert wrong(patient(server.url, {"record": str(tmp_path / "none" / "a.db")})).check == "record"


@pytest.mark.parametrize(
    ("answer", "check", "words"),
    [
        (error(402, api_error("Insufficient Balance")), "balance", "top up"),
        (error(404, {"error_msg": "Not Found."}), "endpoint", "/v1"),
        (error(503, api_error("overloaded")), "endpoint", "ask again"),
        (document({"data": [{"id": "deepseek-flush"}]}), "model", "did you mean deepseek-flush?"),
    ],
)
def test_what_else_the_endpoint_may_answer(
    patient: Patient, server: FaultServer, answer: Any, check: str, words: str
) -> None:
    server.repeat(answer)
    finding = wrong(patient(server.url))
    assert finding.check == check
    assert words in finding.remedy


def test_settings_that_cannot_be_used_are_said_and_the_rest_is_checked(patient: Patient) -> None:
    found = patient("http://other.example")
    assert "would travel unencrypted" in wrong(found).found
    assert one(found, "kernel").state == "fine"
    assert wrong(patient("https://", {"profile": "none-such"})).check == "settings"


def test_findings_are_counted_and_named() -> None:
    found = [Finding("a", "wrong", "x", "y"), Finding("b", "look", "x"), of_sentence("c", "it broke; fix it")]
    assert summary(found) == "2 to fix (a, c) and 1 to look at (b)"
    assert json.loads(as_json(found, at="now"))["at"] == "now"
    assert os.linesep not in found[2].line
