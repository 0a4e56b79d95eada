"""Every exception of the two HTTP libraries has a meaning of ours."""

from __future__ import annotations

import http.client
import inspect
import ssl

import pytest
import requests.exceptions
import urllib3.exceptions

from deepseek_magic.api.http_errors import FOREIGN, MEANINGS, described, meaning
from deepseek_magic.errors import ConfigurationError, ConnectionFailed, ConnectionTimedOut


def public_exceptions(module) -> list[type]:
    return [
        thing
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and inspect.isclass(thing)
        and issubclass(thing, Exception)
        and not issubclass(thing, Warning)
        and thing.__module__.split(".")[0] in ("requests", "urllib3")
    ]


FOUND = {
    f"{kind.__module__}.{kind.__qualname__}": kind
    for module in (requests.exceptions, urllib3.exceptions)
    for kind in public_exceptions(module)
}


def test_the_libraries_were_looked_through():
    assert len(FOUND) > 50


@pytest.mark.parametrize("name", FOUND)
def test_every_exception_is_in_the_map(name):
    assert FOUND[name] in MEANINGS


@pytest.mark.parametrize("name", FOUND)
def test_every_exception_is_caught(name):
    assert issubclass(FOUND[name], FOREIGN)


def test_every_meaning_says_what_to_do():
    for found in MEANINGS.values():
        assert found.sentence
        assert "\n" not in found.sentence
        assert not found.sentence.endswith(".")


def wrapped(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


RQ, U3 = requests.exceptions, urllib3.exceptions


@pytest.mark.parametrize(
    ("error", "kind", "words", "retry"),
    [
        (RQ.ConnectionError(ConnectionRefusedError()), ConnectionFailed, "nothing listens", True),
        (RQ.ConnectionError(U3.ProtocolError("x", ConnectionResetError())), ConnectionFailed, "broke", True),
        (RQ.ConnectionError(U3.ProtocolError("x", http.client.RemoteDisconnected())), ConnectionFailed, "broke", True),
        (RQ.ConnectTimeout(U3.MaxRetryError(None, "/", None)), ConnectionTimedOut, "no connection", False),
        (RQ.ReadTimeout(), ConnectionTimedOut, "idle timeout", False),
        (RQ.SSLError(ssl.SSLError()), ConnectionFailed, "REQUESTS_CA_BUNDLE", False),
        (RQ.ProxyError(U3.MaxRetryError(None, "/", None)), ConnectionFailed, "HTTPS_PROXY", False),
        (RQ.InvalidHeader(), ConfigurationError, "the key", False),
        (RQ.InvalidURL(), ConfigurationError, "base URL", False),
        (RQ.ChunkedEncodingError(U3.ProtocolError()), ConnectionFailed, "broke", True),
        (U3.ProtocolError("x", U3.IncompleteRead(1, 2)), ConnectionFailed, "broke", True),
        (OSError("no route"), ConnectionFailed, "cannot be reached", False),
        (wrapped(RQ.ConnectionError(), ConnectionRefusedError()), ConnectionFailed, "nothing listens", True),
    ],
)
def test_what_a_chain_means(error, kind, words, retry):
    found = meaning(error)
    assert found.kind is kind
    assert words in found.sentence
    assert found.retry is retry


def test_a_host_that_does_not_exist_is_said():
    error = U3.NameResolutionError("x.example", None, OSError("unknown"))
    found = meaning(RQ.ConnectionError(U3.MaxRetryError(None, "/", error)))
    assert "no such host" in found.sentence


def test_a_circle_of_causes_ends():
    one, two = RQ.ConnectionError(), U3.ProtocolError()
    one.__cause__, two.__cause__ = two, one
    assert meaning(one).kind is ConnectionFailed


def test_an_exception_of_a_later_version_takes_the_meaning_of_its_base():
    class Later(RQ.SSLError):
        pass

    assert "REQUESTS_CA_BUNDLE" in meaning(Later()).sentence


def test_the_innermost_cause_in_its_own_words():
    assert described(wrapped(RQ.ConnectionError("outer"), OSError("in\nner"))) == "in ner"
    assert described(ValueError()) == "ValueError"
