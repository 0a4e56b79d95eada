"""Objects that mean no good: each lies, raises, hangs or swells when it is looked at."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
import functools
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

#: What the hanging ones wait for; a test may let them go.
LET_GO = threading.Event()
#: Far beyond any deadline here, and still an end: what shows a failed test may ask for a repr too.
A_MINUTE = 60.0


def _refuse(*_: Any, **__: Any) -> Any:
    raise RuntimeError("this is the user's code")


class Hostile(type):
    """A metaclass whose classes can be neither compared nor hashed nor asked for an attribute."""

    __eq__ = __hash__ = __getattribute__ = __instancecheck__ = __subclasscheck__ = __repr__ = _refuse


class OfHostileClass(metaclass=Hostile):
    pass


class NoAttribute:
    __getattribute__ = _refuse


class LiesAboutItsClass:
    __class__ = property(_refuse)


class HidesItsDictionary:
    __dict__ = property(_refuse)


class EndlessAttributes:
    def __getattr__(self, name: str) -> EndlessAttributes:
        return self


class Hangs:
    def __repr__(self) -> str:
        LET_GO.wait(A_MINUTE)
        return "let go"


class HangsInProperties:
    @property
    def shape(self) -> int:
        LET_GO.wait(A_MINUTE)
        return 1

    __len__ = dtype = columns = shape


class Exits:
    def __repr__(self) -> str:
        sys.exit(3)


class Interrupts:
    def __repr__(self) -> str:
        raise KeyboardInterrupt


class RaisesItself:
    def __repr__(self) -> str:
        class Odd(BaseException):
            __str__ = __repr__ = _refuse

        raise Odd


class ReturnsNumber:
    def __repr__(self) -> str:
        return 3


class Text(str):
    __str__ = __len__ = __getitem__ = __iter__ = __eq__ = __hash__ = __format__ = _refuse


class ReturnsText:
    def __repr__(self) -> str:
        return Text("a text of its own")


class Swells:
    def __repr__(self) -> str:
        return "x" * 30_000_000


class Recurses:
    def __repr__(self) -> str:
        return repr(self)


class Escapes:
    def __repr__(self) -> str:
        return "\x1b]0;title\x07\u202e\ud800\x00\r"


class Uncomparable:
    __eq__ = __hash__ = __bool__ = __lt__ = __repr__ = __str__ = _refuse


class Items(list):
    __len__ = __iter__ = __getitem__ = __contains__ = _refuse


class Pairs(dict):
    __len__ = __iter__ = __getitem__ = items = keys = values = __repr__ = _refuse


class Lazy(collections.abc.Mapping):
    __len__ = __iter__ = __getitem__ = _refuse


class Number(int):
    __repr__ = __str__ = __index__ = bit_length = __lt__ = _refuse


class Told:
    __llm__ = _refuse


class ToldByProperty:
    __llm__ = property(_refuse)


class ToldByNothing:
    __llm__ = 3


class Silent(Exception):
    __str__ = __repr__ = _refuse


@dataclasses.dataclass
class Record:
    first: Any
    second: Any = None

    def __getattribute__(self, name: str) -> Any:
        _refuse()


class Zone(datetime.tzinfo):
    utcoffset = dst = tzname = __repr__ = _refuse


class Colour(enum.Enum):
    RED = ReturnsNumber()

    __repr__ = __str__ = _refuse


def _pretender(module: str, name: str) -> type:
    cls = type(name, (), {"__module__": module, "shape": property(_refuse)})
    cls.__qualname__ = name
    return cls


def _named(name: str) -> object:
    cls = type("Short", (), {})
    cls.__name__ = cls.__qualname__ = name
    return cls()


def _recursive() -> list[Any]:
    inner: dict[Any, Any] = {}
    outer = [inner, (inner,)]
    inner["outer"] = outer
    return outer


def _deep(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def _module() -> types.ModuleType:
    class Module(types.ModuleType):
        __getattr__ = _refuse

    module = Module("lazy\nmodule")
    module.__dict__.update({"__version__": Uncomparable(), "__all__": [Uncomparable(), "name"], "__doc__": 3})
    return module


def _chained() -> Exception:
    error = Silent(Uncomparable())
    error.__cause__ = ValueError("inner")
    error.__cause__.__context__ = error
    error.__notes__ = [Uncomparable(), "a note"]
    return error


def _function() -> Callable[..., Any]:
    def function(a, b=Uncomparable(), /, *args, c=Hangs(), **named):  # noqa: B008
        """Function."""

    function.__doc__ = 7
    function.__annotations__ = {"a": Uncomparable()}
    function.__signature__ = Uncomparable()
    function.__wrapped__ = function
    return function


def _code_from(filename: str) -> Callable[..., Any]:
    def function() -> None: ...

    function.__code__ = function.__code__.replace(co_filename=filename)
    return function


_generator = (number for number in iter(int, 1))

#: Every specimen by name.
ZOO: dict[str, Any] = {
    "class of a hostile metaclass": OfHostileClass,
    "object of a hostile metaclass": OfHostileClass(),
    "no attribute": NoAttribute(),
    "lies about its class": LiesAboutItsClass(),
    "hides its dictionary": HidesItsDictionary(),
    "endless attributes": EndlessAttributes(),
    "hangs": Hangs(),
    "hangs in properties": HangsInProperties(),
    "exits": Exits(),
    "interrupts": Interrupts(),
    "raises what cannot be shown": RaisesItself(),
    "returns a number": ReturnsNumber(),
    "returns its own text": ReturnsText(),
    "text": Text("hello"),
    "swells": Swells(),
    "recurses": Recurses(),
    "escapes": Escapes(),
    "uncomparable": Uncomparable(),
    "in containers": [Uncomparable(), {1: Uncomparable()}, (Hangs(), Exits()), {"k": Interrupts()}],
    "items": Items([1, 2]),
    "pairs": Pairs(a=1),
    "lazy mapping": Lazy(),
    "number": Number(3),
    "huge number": 10**200_000,
    "huge numbers inside": {"n": [10**200_000, range(10**50_000)]},
    "hook raises": Told(),
    "hook is a property": ToldByProperty(),
    "hook is a number": ToldByNothing(),
    "silent exception": Silent(Uncomparable()),
    "chain in a circle": _chained(),
    "record": Record(1, Uncomparable()),
    "zone": datetime.datetime(2020, 1, 1, tzinfo=Zone()),
    "enumeration": Colour.RED,
    "pretends to be pandas": _pretender("pandas.core.frame", "DataFrame")(),
    "pretends to be new pandas": _pretender("pandas", "DataFrame")(),
    "pretends to be numpy": _pretender("numpy", "ndarray")(),
    "pretends to be torch": _pretender("torch", "Tensor")(),
    "pretends to be no module": _pretender("no.such.module", "Thing")(),
    "name with controls": _named("a\nb\x1b[31m\u202e"),
    "long name": _named("x" * 10_000),
    "name of nothing": _named(""),
    "recursive": _recursive(),
    "deep": _deep(5_000),
    "module": _module(),
    "function": _function(),
    "code from a device": _code_from("/dev/zero"),
    "code from nowhere": _code_from("\x00"),
    "partial": functools.partial(_function(), Uncomparable(), named=Hangs()),
    "endless generator": _generator,
    "namespace": types.SimpleNamespace(a=Uncomparable()),
    "proxy": types.MappingProxyType(Lazy()),
    "user dictionary": collections.UserDict({"a": Uncomparable()}),
    "long text": "é" * 3_000_000,
    "surrogates": "\ud800" * 100,
}
