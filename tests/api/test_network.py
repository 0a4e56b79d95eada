"""Proxies and certificates, against a real proxy that wants a password and a TLS server with its own authority."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.api.events import TextDelta
from deepseek_magic.api.messages import Message
from deepseek_magic.api.network import certificate_files, way, without_login
from deepseek_magic.errors import ConnectionFailed, DeepSeekError
from deepseek_magic.settings.keys import checked_key
from deepseek_magic.settings.resolve import resolve
from tests.faults import FaultServer, deltas, finish, stream
from tests.requesting import chat
from tests.tunnels import Plain, Proxy, Socks, Tls, file_of

LOGIN = "visitor:Pw-of-the-proxy-31"
_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Of the tests")


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*_VARIABLES, *(name.lower() for name in _VARIABLES), *_BUNDLES):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def secure(server: FaultServer, authority: trustme.CA) -> Iterator[Tls]:
    with Tls(server.port, authority, ("127.0.0.1", "llm.test")) as tls:
        yield tls


def models(url: str, certificate: str = "") -> tuple[str, ...]:
    key = checked_key("sk-for-the-endpoint-only-77", url, "a test") if url.startswith("https") else None
    client = Client(url, key, DEEPSEEK, certificate=certificate, sleep=lambda _: None)
    try:
        return tuple(model.name for model in client.models(5))
    finally:
        client.close()


def failure(url: str, certificate: str = "") -> str:
    with pytest.raises(DeepSeekError) as caught:
        models(url, certificate)
    assert isinstance(caught.value, ConnectionFailed)
    text = str(caught.value)
    assert "Pw-of-the-proxy" not in text
    assert "\n" not in text
    return text


def test_a_proxy_with_its_password_takes_us_to_a_server_with_its_authority(
    environ, tmp_path, server, authority, secure
):
    environ.setenv("REQUESTS_CA_BUNDLE", str(file_of(tmp_path, authority)))
    with Proxy({"llm.test:443": secure.port}, LOGIN) as proxy:
        environ.setenv("HTTPS_PROXY", f"http://{LOGIN}@127.0.0.1:{proxy.port}")
        assert models("https://llm.test")
        assert proxy.asked_for == ["llm.test:443"]
    assert server.requests[0].headers["authorization"] == "Bearer sk-for-the-endpoint-only-77"
    assert "proxy-authorization" not in server.requests[0].headers


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_that_wants_a_password_names_the_variable(environ, secure, variable):
    with Proxy({"llm.test:443": secure.port}, LOGIN) as proxy:
        environ.setenv(variable, f"http://visitor:wrong@127.0.0.1:{proxy.port}")
        assert failure("https://llm.test") == (
            f"llm.test: the proxy {proxy.url} ({variable}) needs a login; put it into {variable} as "
            "http://USER:PASSWORD@HOST:PORT, or name llm.test in NO_PROXY to go around the proxy"
        )


def test_so_does_one_for_plain_http(environ, server):
    with Proxy({"llm.test:80": server.port}, LOGIN) as proxy:
        environ.setenv("HTTP_PROXY", proxy.url)
        assert f"the proxy {proxy.url} (HTTP_PROXY) needs a login" in failure("http://llm.test")
        environ.setenv("HTTP_PROXY", f"http://{LOGIN}@127.0.0.1:{proxy.port}")
        assert models("http://llm.test")


def test_a_proxy_that_is_not_there_or_refuses_is_named(environ, secure):
    with Proxy({}) as proxy:
        environ.setenv("HTTPS_PROXY", proxy.url)
        assert f"the proxy {proxy.url} (HTTPS_PROXY) does not let the connection through (503" in failure(
            "https://llm.test"
        )
    assert f"the proxy {proxy.url} (HTTPS_PROXY) does not answer" in failure("https://llm.test")
    environ.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    assert "the proxy http://proxy.invalid:3128 (HTTPS_PROXY) cannot be found" in failure("https://llm.test")


def test_a_socks_proxy_takes_us_to_servers_with_and_without_tls(environ, secure, server, authority, tmp_path):
    with Socks({"llm.test:443": secure.port, "llm.test:80": server.port}) as proxy:
        environ.setenv("ALL_PROXY", proxy.url)
        environ.setenv("SSL_CERT_FILE", str(file_of(tmp_path, authority)))
        assert models("https://llm.test") == models("http://llm.test") == models(server.url)
        assert proxy.asked_for == ["llm.test:443", "llm.test:80"]
    assert server.requests[0].headers["authorization"] == "Bearer sk-for-the-endpoint-only-77"


def test_a_reply_streams_through_a_socks_proxy_on_one_connection(environ, server):
    server.repeat(stream(*deltas("one two"), *finish()))
    with Socks({"llm.test:80": server.port}) as proxy:
        environ.setenv("ALL_PROXY", proxy.url)
        client = Client("http://llm.test", None, DEEPSEEK, sleep=lambda _: None)
        try:
            for _ in range(2):
                events = [
                    event
                    for batch in client.stream(chat("deepseek-flash", (Message("user", "hello"),)), timeout=10)
                    for event in batch
                ]
                assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "one two"
        finally:
            client.close()
        assert proxy.asked_for == ["llm.test:80"]


def test_a_socks_proxy_that_fails_is_named_without_its_login(environ, secure):
    with Socks({}) as proxy:
        environ.setenv("ALL_PROXY", proxy.url)
        assert f"the proxy {proxy.url} (ALL_PROXY) failed (" in failure("https://llm.test")
    assert f"the proxy {proxy.url} (ALL_PROXY) does not answer" in failure("https://llm.test")
    environ.setenv("ALL_PROXY", f"socks://{LOGIN}@127.0.0.1:{proxy.port}")
    assert failure("https://llm.test") == (
        f"llm.test: the proxy socks://127.0.0.1:{proxy.port} (ALL_PROXY) failed (socks:// is not one of socks4, "
        "socks4a, socks5, socks5h); correct ALL_PROXY, or name llm.test in NO_PROXY"
    )


_WITHOUT_PYSOCKS = """
import sys
sys.modules["socks"] = None  # as if it were not installed
from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.errors import DeepSeekError
try:
    Client("https://llm.test", None, DEEPSEEK).models(5)
except DeepSeekError as error:
    print(error)
"""


@pytest.mark.kernel
def test_a_socks_proxy_without_pysocks_says_what_to_install(environ):
    environ.setenv("ALL_PROXY", f"socks5h://{LOGIN}@127.0.0.1:9")
    said = subprocess.run([sys.executable, "-c", _WITHOUT_PYSOCKS], capture_output=True, text=True, check=True).stdout
    assert said.strip() == (
        "llm.test: the proxy socks5h://127.0.0.1:9 (ALL_PROXY) needs the package PySocks, which is missing: "
        "python -m pip install PySocks"
    )


def test_no_proxy_keeps_a_host_from_the_proxy_and_is_named(environ, secure):
    with Proxy({"llm.invalid:443": secure.port}) as proxy:
        environ.setenv("HTTPS_PROXY", proxy.url)
        environ.setenv("NO_PROXY", "localhost,.invalid")
        assert failure("https://llm.invalid").endswith("(NO_PROXY keeps it from the proxy)")
        assert proxy.asked_for == []


def test_loopback_is_never_asked_by_a_proxy(environ, server):
    environ.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert models(server.url)


def test_an_authority_that_is_not_known_is_said_with_the_list_that_decided(environ, tmp_path, secure):
    said = failure(secure.url)
    assert "is not signed by the usual ones (certifi's list)" in said
    assert said.endswith("set REQUESTS_CA_BUNDLE to a PEM file with it")
    other = file_of(tmp_path, trustme.CA())
    environ.setenv("REQUESTS_CA_BUNDLE", str(other))
    assert f"is not signed by those in {other} (REQUESTS_CA_BUNDLE)" in failure(secure.url)


@pytest.mark.parametrize("variable", _BUNDLES)
def test_each_variable_for_authorities_is_obeyed(environ, tmp_path, authority, secure, variable):
    environ.setenv(variable, str(file_of(tmp_path, authority)))
    assert models(secure.url)


@pytest.mark.parametrize("variable", _BUNDLES)
def test_a_file_of_authorities_that_is_missing_or_none_is_named(environ, tmp_path, secure, variable):
    environ.setenv(variable, str(tmp_path / "gone.pem"))
    assert failure(secure.url).endswith(f"gone.pem, which {variable} names, is not there; correct or unset it")
    (tmp_path / "gone.pem").write_text("no certificate", encoding="utf-8")
    assert variable in failure(secure.url)


def test_a_certificate_for_another_host_is_said(environ, tmp_path, server, authority):
    environ.setenv("REQUESTS_CA_BUNDLE", str(file_of(tmp_path, authority)))
    with Tls(server.port, authority, ("other.test",)) as tls:
        assert "its certificate is for another host" in failure(tls.url)


def test_a_server_without_tls_is_said():
    with Plain() as plain:
        assert "does not speak TLS on that port" in failure(f"https://127.0.0.1:{plain.port}")


def test_a_client_certificate_is_asked_for_given_and_missed(environ, tmp_path, server, authority):
    environ.setenv("REQUESTS_CA_BUNDLE", str(file_of(tmp_path, authority)))
    mine, key, both = tmp_path / "mine.pem", tmp_path / "mine.key", tmp_path / "both.pem"
    issued = authority.issue_cert("me@of.the.tests")
    issued.cert_chain_pems[0].write_to_path(str(mine))
    issued.private_key_pem.write_to_path(str(key))
    issued.private_key_and_cert_chain_pem.write_to_path(str(both))
    with Tls(server.port, authority, clients=authority) as tls:
        assert "it asks for a client certificate: %config DeepSeek.client_cert" in failure(tls.url)
        assert models(tls.url, str(both))
        assert models(tls.url, f"{mine},{key}")
        assert f"the client certificate {tmp_path / 'gone.pem'} is not there" in failure(
            tls.url, str(tmp_path / "gone.pem")
        )


def test_a_certificate_for_the_configured_endpoint_is_offered_to_no_other():
    config = {"client_cert": "mine.pem"}
    assert resolve({}, config, {}).client_cert == "mine.pem"
    assert resolve({}, {}, {"DEEPSEEK_CLIENT_CERT": "mine.pem"}).client_cert == "mine.pem"
    assert resolve({"base_url": "https://other.example"}, config, {"DEEPSEEK_CLIENT_CERT": "b.pem"}).client_cert == ""
    assert certificate_files("a.pem, b.key") == ("a.pem", "b.key")
    assert (certificate_files("~/a.pem"), certificate_files("")) == (str(Path("~/a.pem").expanduser()), None)


def test_a_way_shows_no_login(environ):
    environ.setenv("HTTPS_PROXY", f"http://{LOGIN}@p.test:3128/")
    assert way("https://llm.test").proxy == "http://p.test:3128"
    assert without_login("visitor:pw@p.test:1") == "p.test:1"
