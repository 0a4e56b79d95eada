"""A key shows nowhere, serves one host, and cuts the frames of what is raised around it."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.settings.keys import Environment, Sealed, Secret, checked_key, environment_key

VALUE = "sk-of-the-keys-4f19c2d8"
DEEPSEEK = "https://api.deepseek.com"


def test_a_secret_shows_its_mask_in_every_form():
    """``repr``, ``str``, ``format`` and the attributes hold no part of the value; only ``reveal`` returns it."""
    secret = Secret(VALUE)
    forms = (repr(secret), str(secret), f"{secret:>40}", f"{secret!r}", repr(checked_key(secret, DEEPSEEK, "a test")))
    assert not any(VALUE[3:10] in form for form in forms)
    assert secret.reveal() == VALUE
    assert copy.deepcopy([secret])[0] is copy.copy(secret) is secret
    assert (secret == Secret(VALUE), secret == VALUE, bool(Secret(""))) == (True, False, False)
    with pytest.raises(TypeError, match=r"^a secret is not pickled$"):
        pickle.dumps(secret)


def test_an_environment_is_read_at_each_moment_and_shows_only_its_size():
    """A variable that is set later is seen, and no value is in the ``repr``."""
    variables = {"A": VALUE}
    environment = Environment(variables)
    variables["B"] = "2"
    assert dict(environment) == {"A": VALUE, "B": "2"}
    assert repr(environment) == "<environment of 2 variables>"


@pytest.mark.parametrize("defect", [ConfigurationError("bad"), KeyboardInterrupt(), ZeroDivisionError("by zero")])
def test_what_leaves_a_sealed_block_has_no_frames_of_it(defect):
    """Frame, cause and context of the block are cut, and what was handled before stays as context."""

    def inside():
        hidden = VALUE
        try:
            raise OSError(hidden)  # noqa: TRY301  # a cause with locals is the point
        except OSError as cause:
            raise defect from cause

    before = LookupError("earlier")
    try:
        raise before
    except LookupError:
        with pytest.raises(type(defect)) as caught, Sealed():
            inside()
    error = caught.value
    assert error is defect
    assert (error.__cause__, error.__context__) == (None, before)
    shown = traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=True)
    assert "inside" not in [frame.name for frame in shown.stack]
    assert VALUE not in "".join(shown.format())


def test_a_key_serves_the_host_and_the_port_that_it_was_given_for():
    """Another path of the host is served; another host, port or a name that only begins so is not."""
    key = checked_key(f"  {VALUE}\n", "http://gpu.example:8000/v1", "a test")
    assert key.secret == Secret(VALUE)
    assert key.serves("http://gpu.example:8000/other")
    for url in ("http://gpu.example/v1", "http://gpu.example:8001/v1", "http://gpu.example.evil:8000/v1", ""):
        assert not key.serves(url)
    with pytest.raises(
        ConfigurationError, match=r"^bad URL 'http://gpu\.example:99999': Port out of range 0-65535; ex"
    ):
        key.serves("http://gpu.example:99999")


def test_the_key_of_the_environment_is_for_its_endpoint_only():
    """Without a URL in the environment it is for DeepSeek; one that is blank, or for nowhere, is none."""
    given = {"DEEPSEEK_API_KEY": f" {VALUE} "}
    here = {**given, "DEEPSEEK_BASE_URL": "http://127.0.0.1:8000"}
    assert environment_key(given, DEEPSEEK) == checked_key(VALUE, DEEPSEEK, "the variable DEEPSEEK_API_KEY")
    assert environment_key(here, "http://127.0.0.1:8000/v1").host == "127.0.0.1:8000"
    assert environment_key(here, DEEPSEEK) is None
    assert environment_key(given, "http://127.0.0.1:8000") is None
    assert environment_key({"DEEPSEEK_API_KEY": " "}, DEEPSEEK) is None
    assert environment_key({**given, "DEEPSEEK_BASE_URL": "nowhere"}, DEEPSEEK) is None


@pytest.mark.parametrize("value", ["", " ", f"{VALUE[:9]} {VALUE[9:]}", f"{VALUE}\r\nX: y", f"{VALUE}…"])
def test_a_key_that_no_header_can_hold_is_refused_without_its_value(value):
    """The error names the source and never the value."""
    with pytest.raises(ConfigurationError, match=r"^the key from a test is not usable: ") as caught:
        checked_key(value, DEEPSEEK, "a test")
    assert VALUE[:9] not in str(caught.value)


@pytest.mark.parametrize(
    "pasted",
    [f'"{VALUE}"', f"Bearer {VALUE}", f" 'bearer {VALUE}'\n", f"\u201c{VALUE}\u201d", f"Authorization: Bearer {VALUE}"],
)
def test_what_was_copied_along_with_a_key_is_taken_off(pasted):
    """Quotation marks and the word Bearer; what stands inside of a key stays."""
    assert checked_key(pasted, DEEPSEEK, "a test").secret.reveal() == VALUE
    assert checked_key("Bearer-like'key", DEEPSEEK, "a test").secret.reveal() == "Bearer-like'key"
