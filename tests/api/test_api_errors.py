"""An error status becomes one line that says what to do; the class follows the status alone."""

from __future__ import annotations

import json

import pytest

from deepseek_magic import errors
from deepseek_magic.api.api_errors import refusal, request_id, retry_after, scrubbed, web_page
from deepseek_magic.settings.keys import checked_key
from tests.faults import api_error

DEEPSEEK = "https://api.deepseek.com"
ELSEWHERE = "http://gpu.example:8000"
VALUE = "sk-of-the-refusals-77a0"
KEY = checked_key(VALUE, DEEPSEEK, "a test")


def said(status, message="No.", *, base_url=ELSEWHERE, key=KEY, headers=None):
    """The error for a body in the documented form."""
    return refusal(status, headers or {}, json.dumps(api_error(message)).encode(), base_url=base_url, key=key)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((400, errors.BadRequest), (401, errors.AuthenticationFailed), (402, errors.InsufficientBalance)),
        *((403, errors.AuthenticationFailed), (404, errors.NotFound), (413, errors.BadRequest)),
        *((418, errors.BadRequest), (422, errors.BadRequest), (429, errors.RateLimited)),
        *((500, errors.ServerError), (503, errors.ServerError), (599, errors.ServerError)),
    ],
)
def test_the_class_is_that_of_the_status(status, kind):
    """The error carries the status and the server's words, and is one line that begins with host and status."""
    error = said(status, "No.\nNever.")
    assert type(error) is kind
    assert (error.status, error.server_message, error.retry_after) == (status, "No. Never.", None)
    assert str(error).startswith(f"gpu.example:8000 answered HTTP {status} (No. Never.): ")
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (said(401, key=None), "it needs a key and none was given for this host; %deepseek_login asks for one"),
        (said(401), "the key from a test is refused; check it or make a new one, then %deepseek_login"),
        (said(402), "the account has no money left; top up, and see %deepseek_balance"),
        (said(404, "The Model x does not exist"), "choose a model that %deepseek_models lists, with -m"),
        (said(404, "no route"), "nothing is served there; try --base-url http://gpu.example:8000/v1"),
        (said(404, "no route", base_url=f"{ELSEWHERE}/v1"), "nothing is served there"),
        (said(400, "This model's maximum context length is 9"), "it is too long; send less, lower --max-tokens, "),
        (said(400, "The supported API model names are a or b, but you passed x"), "use -m a, or %config Deep"),
        (said(400, "odd"), "change the request as it says, then run the cell again"),
        (said(500), "the endpoint is at fault; run the cell again in a moment"),
    ],
)
def test_what_to_do_next(error, remedy):
    """The remedy fits the status and the words, and names DeepSeek's pages for DeepSeek only."""
    assert str(error).split("): ", 1)[1].startswith(remedy)
    assert "platform.deepseek.com" not in str(error)


def test_deepseek_has_pages_for_keys_and_money():
    """At DeepSeek's own host the page to go to is named."""
    assert " at platform.deepseek.com/api_keys, then" in str(said(401, base_url=DEEPSEEK))
    assert "top up at platform.deepseek.com/top_up," in str(said(402, base_url=DEEPSEEK))


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"", ""), (b"<html>\n", "a web page"), (b"Bad\r\n thing", "Bad thing"), (b"[" * 9999, "[" * 20)],
)
def test_any_body_is_read(body, words):
    """A web page, plain text, and JSON too deep to parse are all put into a line."""
    assert refusal(500, {}, body, base_url=ELSEWHERE, key=None).server_message.startswith(words)


def test_the_key_is_in_no_error():
    """An echoed key is masked, also one that the server has shortened; the request id is scrubbed as well."""
    error = said(400, f"{VALUE} and {VALUE[:12]}… are bad", headers={"x-request-id": f"7-{VALUE}"})
    assert VALUE[:12] not in f"{error}{vars(error)}"
    assert "[request id 7-" in str(error)
    assert scrubbed("as it is", KEY) == scrubbed("as it is", None) == "as it is"


def test_headers_are_read():
    """DeepSeek's own id comes first, and a wait is seconds or a date; what says nothing is no wait."""
    assert request_id({"x-request-id": "b", "x-ds-trace-id": "a"}) == "a"
    assert request_id({}) == ""
    waits = ["2.5", "-3", "Thu, 01 Jan 1970 00:00:00 GMT", "", "nan", "soon"]
    assert [retry_after({"Retry-After": wait}) for wait in waits] == [2.5, 0.0, 0.0, None, None, None]
    assert str(web_page("h")).startswith("h answered with a web page instead of a reply: ")
