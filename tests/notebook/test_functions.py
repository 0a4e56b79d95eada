"""What the user's functions do to what they are given."""

from __future__ import annotations

from deepseek_magic.notebook.slice.effects import CallEffect, Change
from deepseek_magic.notebook.slice.functions import Functions, arguments
from deepseek_magic.notebook.slice.names import effects_of

SOURCE = """
def inner(a):
    a.sort()
def outer(b, *more, key=None, **named):
    inner(b)
    inner(key)
class Base:
    def put(self, v):
        v.append(self)
class Child(Base):
    pass
"""
X, Y = frozenset({("x", "same")}), frozenset({("y", "same")})


def test_changes_through_functions_and_inherited_methods():
    functions = Functions(effects_of(SOURCE) or [])
    done = set(functions.done_by("outer", CallEffect("outer", None, (X,), (("key", Y),))))
    assert done == {Change("x", "sort"), Change("y", "sort")}
    assert functions.method("Child", "put") == "Base.put"
    assert functions.methods("put") == ["Base.put"]
    assert functions.is_class("Child")


def test_arguments_by_position_keyword_and_the_rest():
    function = Functions(effects_of(SOURCE) or []).known["outer"]
    given = arguments(function, CallEffect("outer", None, (X, Y), (("other", X),)), bound=False)
    assert given == {"b": X, "more": frozenset({("y", "holds")}), "named": frozenset({("x", "holds")})}
