"""What is learned of classes and objects without running any of their code."""

from __future__ import annotations

import collections
from typing import Any

from deepseek_magic.description import classes


class Meta(type):
    def __getattribute__(cls, name: str) -> Any:
        raise AssertionError(name)

    def __eq__(cls, other: object) -> bool:
        raise AssertionError

    def __hash__(cls) -> int:
        raise AssertionError


class Base(metaclass=Meta):
    __slots__ = ()

    def shown(self) -> None: ...


class Held(Base):
    __slots__ = ("__dict__", "empty", "slot")

    @property
    def computed(self) -> None:
        raise AssertionError

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)


def held() -> Held:
    """An object with one attribute in its dictionary and one in a slot."""
    made = object.__new__(Held)
    object.__setattr__(made, "own", 1)
    object.__setattr__(made, "slot", 2)
    return made


def test_a_class_is_read_by_the_slots_of_type() -> None:
    assert [one is each for one, each in zip(classes.mro(Held), (Held, Base, object), strict=True)] == [True] * 3
    assert classes.bases_of(Held)[0] is Base
    assert "computed" in classes.namespace(Held)
    assert (classes.module_of(Held), classes.qualname(Held)) == (__name__, "Held")
    assert classes.dotted(Held) == f"{__name__}.Held"
    assert classes.lookup(Held, "shown") is classes.namespace(Base)["shown"]
    assert classes.lookup(Held, "missing") is None


def test_attributes_are_those_held_and_no_property_is_run() -> None:
    assert classes.instance_dict(held()) == {"own": 1}
    assert classes.instance_dict(3) == {}
    names = ("own", "slot", "empty", "computed", "missing")
    assert [classes.attribute(held(), name, "none") for name in names] == [1, 2, "none", "none", "none"]


def test_a_class_that_only_says_its_name_is_not_real() -> None:
    pretender = type("OrderedDict", (), {"__module__": "collections"})
    assert classes.dotted(pretender) == "collections.OrderedDict"
    assert (classes.is_real(collections.OrderedDict), classes.is_real(pretender)) == (True, False)
    assert classes.is_real(Held)


def test_overrides_are_looked_for_below_the_base() -> None:
    class Named(list[Any]):
        def __repr__(self) -> str:
            return ""

    class Below(Named):
        pass

    assert classes.overrides(Below, list, "__len__", "__repr__")
    assert not classes.overrides(Below, list, "__len__")
    assert not classes.overrides(Below, Named, "__repr__")


def test_exactly_is_by_identity() -> None:
    assert classes.exactly(True, int, bool)
    assert not classes.exactly(True, int, float)
    assert not classes.exactly(held(), Base)


def test_names_for_people_are_short_and_on_one_line() -> None:
    assert classes.class_name(type("A\nB", (), {})) == "A B"
    assert classes.class_name(type("", (), {})) == "unnamed class"
    assert len(classes.class_name(type("x" * 500, (), {}))) <= 60
    assert (classes.type_name(3), classes.plain(3), classes.plain("abc", 2), classes.label("a\nb")) == (
        "int",
        "",
        "ab",
        "a b",
    )
