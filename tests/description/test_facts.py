"""What a model needs to know of a value stands in its description: at least 98 of 100 facts of the set in ``facts``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from deepseek_magic.description import describe
from deepseek_magic.guard import Guard, Redactor
from tests.description.facts import absent, data, libraries, missing, plain, stand_ins

MODULES = (plain, data, libraries, stand_ins)
#: What the description of a value was reported to leave out.
REPORTED = {
    plain: ("TypedDict made by a call", "object with a str", "object with many methods", "config"),
    data: ("float32", "frame with attrs", "frame with a repeated index", "frame with an unsorted index", "group by",
           "resampler", "polars with one huge struct", "polars with many structs"),
    libraries: ("line", "response", "response not read", "nested model"),
    stand_ins: tuple(stand_ins.VALUES),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _stand_ins() -> Iterator[None]:
    before = dict(sys.modules)
    stand_ins.install()
    yield
    for name in list(sys.modules):
        if name.partition(".")[0] in ("networkx", "sqlalchemy", "statsmodels", "geopandas", "h5py", "pyarrow"):
            del sys.modules[name]
            if name in before:
                sys.modules[name] = before[name]


@pytest.mark.filterwarnings("ignore")
def test_a_description_holds_the_facts_that_matter() -> None:
    lost = {name: facts for module in MODULES for name, facts in absent(module.VALUES) if facts}
    total = sum(len(facts) for module in MODULES for _, facts in module.VALUES.values())
    assert sum(len(module.VALUES) for module in MODULES) >= 200
    assert sum(map(len, lost.values())) <= 0.02 * total, lost


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_what_was_reported_missing_is_there(module: object) -> None:
    assert {name: missing(*module.VALUES[name]) for name in REPORTED[module]} == {name: [] for name in REPORTED[module]}


@pytest.mark.parametrize("make", [libraries.response, libraries.httpx_response, libraries.prepared])
def test_no_header_of_a_request_or_response_is_shown(make: object) -> None:
    value = make()
    for held in (value, [value], {"r": value}):
        assert "hush" not in describe(held, tokens=4_000)


def test_a_client_is_shown_without_its_headers_and_login() -> None:
    session = libraries.requests.Session()
    session.headers["X-Shop"], session.auth = "hush", ("ada", "hush")
    session.cookies.set("session", "hush")
    assert "hush" not in describe(session, tokens=4_000)
    assert "hush" not in describe([session], tokens=4_000)


def test_a_body_that_was_not_read_stays_unread() -> None:
    value = libraries.unread()
    value.raw = None  # reading it would raise
    assert "body not read" in describe(value)
    assert value._content is False


def test_secrets_in_what_is_shown_of_an_object_are_masked() -> None:
    redactor = Redactor(Guard("mask", {}))
    config = plain._config("[db]\nhost = here\npassword = x7Kq9vT2w-nobody")
    client = type("Client", (), {})()
    client._api_key, client._host = "x7Kq9vT2w-nobody", "here"
    frame = data.described(data.frame(), password="x7Kq9vT2w-nobody")
    for value in (config, config["db"], client, [client], frame):
        text = describe(value, redactor=redactor)
        assert "x7Kq9vT2w" not in text
        assert "here" in text or value is frame


def test_what_str_says_is_asked_within_the_deadline() -> None:
    class Odd:
        def __init__(self) -> None:
            self.size = 3

        def __str__(self) -> str:
            raise RuntimeError

    assert describe(Odd()).splitlines()[-1] == "- size: 3"
    assert describe([Odd()]) == "[<Odd size=3>]"


def test_a_link_to_another_file_is_named_and_not_opened() -> None:
    assert "'linked': ExternalLink to 'other.h5 /x'" in describe(stand_ins.weather())


def test_labels_that_are_objects_of_the_user_are_neither_hashed_nor_compared() -> None:
    class Label:
        hashed = 0

        def __hash__(self) -> int:
            Label.hashed += 1
            return 1

        def __eq__(self, other: object) -> bool:
            raise AssertionError

    value = data.pd.DataFrame({"a": [1, 2]}, index=data.np.array([Label(), Label()], object))
    before = Label.hashed
    assert "2 rows" in describe(value, deadline=60)
    assert Label.hashed == before
