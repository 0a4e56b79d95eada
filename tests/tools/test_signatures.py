"""A function as a tool: what the model is told of it, what strict mode takes, and how it is called."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, TypedDict

import pytest

from deepseek_magic.errors import OptionError
from deepseek_magic.tools.signatures import confirm, function_of, is_strict
from tests.deepseek_rules import unstrict


class Unit(Enum):
    C = "celsius"
    F = "fahrenheit"


@dataclass
class Place:
    city: str
    country: str


class Options(TypedDict):
    days: int


def weather(city: str, days: int = 1, unit: Unit = Unit.C) -> str:
    """Tell the weather.

    For the next days.

    Args:
        city: the name, in English.
        days (int): how many: from today on.
        unit: of the temperature.
    """
    return f"{city} {days} {unit.value}"


def in_numpy_style(city: str, days: int) -> str:
    """Tell the weather.

    Parameters
    ----------
    city : str
        The name of the city.
    days : int
        How many.
    """
    return ""


def in_sphinx_style(city, days):
    """Tell the weather.

    :param city: The name of the city.
    :param int days: How many.
    """


def of_many(
    place: Place,
    options: Options,
    tags: list[str],
    word: Literal["a", "b"],
    size: Annotated[float, "in metres"],
    maybe: int | None,
) -> str:
    return f"{place} {options} {tags} {word} {size} {maybe}"


class Shop:
    def price(self, item: str) -> float:
        """The price of an item."""
        return len(item) * 1.5

    def __call__(self, item: str) -> str:
        """Order an item."""
        return f"ordered {item}"


def test_a_function_is_told_by_signature_annotations_and_docstring():
    tool = function_of("weather", weather).tool
    assert (tool.name, tool.strict) == ("weather", False)
    assert tool.description == "Tell the weather.\n\nFor the next days."
    told = json.loads(tool.parameters)
    assert told == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "the name, in English."},
            "days": {"type": "integer", "description": "how many: from today on.", "default": 1},
            "unit": {
                "type": "string",
                "enum": ["celsius", "fahrenheit"],
                "description": "of the temperature.",
                "default": "celsius",
            },
        },
        "required": ["city"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize("function", [in_numpy_style, in_sphinx_style])
def test_the_other_styles_of_docstrings(function):
    tool = function_of("f", function).tool
    assert tool.description == "Tell the weather."
    properties = json.loads(tool.parameters)["properties"]
    assert properties["city"]["description"] == "The name of the city."
    assert properties["days"]["description"] == "How many."


def over_lines_google(city, days, units="m"):
    """Tell the weather.

    Args:
        city: the name, in English or
            in the language of the country.

            Never a code.
        days (Optional[Dict[str, int]]):
            how many.
        units: of lengths.

    Returns:
        words: and numbers.
    """


def over_lines_numpy(city, days, units="m"):
    """Tell the weather.

    Parameters
    ----------
    city
        The name, in English or
        in the language of the country.

        Never a code.
    days, units : int or str, optional
        Both of them.

    Returns
    -------
    str
        Words.
    """


def over_lines_sphinx(city, days, units="m"):
    """Tell the weather.

    :param str city: the name, in English or
        in the language of the country.
        Never a code.
    :type city: str
    :param days:
        how many.
    :returns: words.
    """


@pytest.mark.parametrize(
    ("function", "city", "days", "units"),
    [
        (over_lines_google, "the name, in English", "how many.", "of lengths."),
        (over_lines_numpy, "The name, in English", "Both of them.", "Both of them."),
        (over_lines_sphinx, "the name, in English", "how many.", None),
    ],
)
def test_a_description_goes_on_over_the_lines_below_it(function, city, days, units):
    said = {name: one.get("description") for name, one in function_of("f", function).schema["properties"].items()}
    city += " or in the language of the country. Never a code."
    assert said == {"city": city, "days": days, "units": units}


def test_without_annotations_anything_goes():
    function = function_of("f", lambda a, b=2, *args, **more: (a, b))
    assert function.schema["properties"] == {"a": {}, "b": {"default": 2}}
    assert function.schema["required"] == ["a"]
    assert function.called({"a": 1}) == (1, 2)


def test_an_annotation_that_names_what_is_not_there_is_left_out():
    def f(a: Missing): ...  # noqa: F821

    assert function_of("f", f).schema["properties"] == {"a": {}}


@pytest.mark.parametrize(
    ("call", "properties", "given", "result"),
    [
        (Shop().price, ["item"], {"item": "ab"}, 3.0),
        (Shop(), ["item"], {"item": "ab"}, "ordered ab"),
        (functools.partial(weather, days=3), ["city", "days", "unit"], {"city": "Oslo"}, "Oslo 3 celsius"),
        (Place, ["city", "country"], {"city": "Oslo", "country": "NO"}, Place("Oslo", "NO")),
    ],
    ids=["a method", "an object", "a partial", "a class"],
)
def test_anything_with_a_signature_is_called(call, properties, given, result):
    function = function_of("f", call)
    assert list(function.schema["properties"]) == properties
    assert function.called(given) == result


def test_parameters_that_have_a_place_alone_keep_it():
    def f(a, b=1, c=2, /, *, d=3):
        return a, b, c, d

    function = function_of("f", f)
    assert function.called({"a": "a", "c": "c"}) == ("a", 1, "c", 3)
    assert function.called({"a": "a", "d": "d"}) == ("a", 1, 2, "d")


@pytest.mark.parametrize(
    ("name", "call", "words"),
    [
        ("x", 3, "--tools x: it is an int; expected the name of a function (-v sends a value)"),
        ("für", weather, "--tools für: expected a name of at most 64 letters, digits and underscores"),
        ("f" * 65, weather, "expected a name of at most 64"),
        ("f", type.__call__, None),
        ("f", lambda x: x, None),
    ],
)
def test_what_is_no_tool_is_told_in_a_line(name, call, words):
    if words is None:
        assert function_of(name, call).tool.name == name
        return
    with pytest.raises(OptionError) as caught:
        function_of(name, call)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_parameter_whose_type_cannot_be_read_takes_anything_and_the_others_keep_theirs():
    def f(fine: int, frame: Shop, unit: Unit, missing: Missing, text: str = "a"): ...  # noqa: F821

    function = function_of("f", f)
    properties = function.schema["properties"]
    assert properties["fine"] == {"type": "integer"}
    assert (properties["frame"], properties["missing"]) == ({}, {})
    assert properties["unit"]["enum"] == ["celsius", "fahrenheit"]
    given = function.values({"fine": 1, "frame": [1.5], "unit": "celsius", "missing": None})
    assert given == {"fine": 1, "frame": [1.5], "unit": Unit.C, "missing": None}


def test_a_partial_is_described_by_its_function_unless_it_was_given_a_docstring():
    made = functools.partial(weather, days=3)
    assert function_of("f", made).tool.description.startswith("Tell the weather.")
    assert function_of("f", made).schema["properties"]["days"] == {
        "type": "integer",
        "description": "how many: from today on.",
        "default": 3,
    }
    made.__doc__ = "The next three days."
    assert function_of("f", made).tool.description == "The next three days."
    assert function_of("f", made, documented=False).tool.description == ""


def test_defaults_are_told_where_json_can_hold_them_and_they_are_short():
    shop = Shop()

    def f(a=None, b=(1, "x"), c=Unit.F, d=float("inf"), e=shop, f="x" * 999): ...

    told = function_of("f", f).schema["properties"]
    assert told == {
        "a": {"default": None},
        "b": {"default": [1, "x"]},
        "c": {"default": "fahrenheit"},
        "d": {},
        "e": {},
        "f": {},
    }


def test_an_annotation_describes_before_the_docstring():
    def f(size: Annotated[int, "in metres"], place: Place):
        """Do it.

        Args:
            size: of what is meant.
            place: where it is.
        """

    told = function_of("f", f).schema["properties"]
    assert told["size"]["description"] == "in metres"
    assert told["place"]["description"] == "where it is."


STRICT: list[tuple[Any, bool]] = [
    (lambda: None, True),
    (in_numpy_style, True),
    (of_many, False),  # null is no type of strict mode
    (Shop().price, True),
    (weather, False),  # not every parameter is required
    (in_sphinx_style, False),  # no types
]


@pytest.mark.parametrize(("call", "strict"), STRICT)
def test_strict_mode_is_for_schemas_within_its_subset(call, strict):
    schema = function_of("f", call).schema
    assert is_strict(schema) is strict
    if strict:
        assert unstrict(schema) == ""


@pytest.mark.parametrize(
    ("part", "strict"),
    [
        ({"type": "string", "pattern": "^a"}, True),
        ({"type": "string", "format": "email"}, True),
        ({"type": "string", "format": "date"}, False),
        ({"type": "string", "minLength": 1}, False),
        ({"type": "string", "default": "a"}, False),
        ({"type": "number", "default": 1, "minimum": 0, "multipleOf": 2}, True),
        ({"type": ["string", "null"]}, False),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, False),
        ({"type": "array", "items": {"type": "boolean"}}, True),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 1}, False),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "required": []}, False),
        ({"type": "object"}, False),
        ({"enum": ["a", "b"]}, True),
        ({}, False),
        ({"description": "of no type"}, False),
        (True, False),
    ],
)
def test_strict_mode_part_by_part(part, strict):
    whole = {"type": "object", "properties": {"a": part}, "required": ["a"], "additionalProperties": False}
    assert is_strict(whole) is strict


def test_what_is_marked_is_asked_about():
    class Careful:
        @confirm
        def __call__(self): ...

        @confirm
        def method(self): ...

    @confirm
    def f(): ...

    @functools.wraps(f)
    def wrapper(): ...

    for call in (f, wrapper, functools.partial(functools.partial(f)), Careful(), Careful().method, confirm(len)):
        assert function_of("f", call).asks
    for call in (weather, Shop(), Shop().price, functools.partial(weather), len):
        assert not function_of("f", call).asks
    assert confirm(Shop().price)("ab") == 3.0
    assert list(function_of("f", confirm(Shop().price)).schema["properties"]) == ["item"]
