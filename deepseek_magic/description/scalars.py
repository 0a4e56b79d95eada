"""Describe scalars (numbers, strings, dates): a short one whole, a long one by its size and its ends."""

from __future__ import annotations

import datetime
import re
import sys
from collections.abc import Callable
from typing import Any

from deepseek_magic.guard import classify_label
from deepseek_magic.text import one_line

from .classes import class_name, dotted, exactly, instance_dict, is_real, lookup, module_of, mro, overrides, plain
from .fitting import cut, number
from .task import MARGIN, Task

# Converting an int to decimal digits takes quadratic time, and newer Pythons refuse above 4,300 digits.
_MOST_BITS = 4_000
_TIME_ZONES = {
    *("datetime.timezone", "zoneinfo.ZoneInfo", "pytz.tzinfo.DstTzInfo", "pytz.tzinfo.StaticTzInfo"),
    *("dateutil.tz.tz.tzutc", "dateutil.tz.tz.tzfile"),
}
_ZONE_METHODS = ("utcoffset", "dst", "tzname", "__repr__", "__str__", "__reduce__", "__getattribute__")
# Types of the standard library and of pandas whose repr is short, exact, and runs no code of the user.
_SHORT = {
    *("uuid.UUID", "ipaddress.IPv4Address", "ipaddress.IPv6Address", "re.Pattern", "zoneinfo.ZoneInfo"),
    *(f"datetime.{name}" for name in ("date", "time", "datetime", "timedelta", "timezone")),
    *(
        f"pathlib.{inner}{name}"
        for inner in ("", "_local.")
        for name in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")
    ),
    *(f"pandas.{name}" for name in ("Timestamp", "Timedelta", "Period", "Interval")),
    *("pandas._libs.tslibs.timestamps.Timestamp", "pandas._libs.tslibs.timedeltas.Timedelta"),
    *("pandas._libs.tslibs.period.Period", "pandas._libs.interval.Interval"),
    *("pandas._libs.missing.NAType", "pandas.api.typing.NAType"),
    *("pandas._libs.tslibs.nattype.NaTType", "pandas.api.typing.NaTType"),
}


def scalar(value: Any, width: int, task: Task | None = None) -> str | None:
    """Return ``value`` as one line of about ``width`` characters if it is a known scalar, else ``None``.

    None of the user's code is run, and the work is bounded by ``width``. ``task`` masks a string before it is cut.
    """
    cls = type(value)
    if cls is str:
        return text(value, width, task)
    described = _EXACT.get(id(cls))
    if described is not None:
        return described(value, width)
    if exactly(value, bytes, bytearray):
        return octets(value, width, task)
    if numpy_kind(value) != " ":
        return _numpy_scalar(value, width, task)
    name = dotted(cls)
    if name in _SHORT and is_real(cls) and _plain_zone(value):
        return cut(one_line(repr(value), 10 * width), width)
    if name == "decimal.Decimal" and is_real(cls):
        return _decimal(value, width)
    if name == "fractions.Fraction" and is_real(cls):
        return f"Fraction({integer(value.numerator)}, {integer(value.denominator)})"
    return None


def integer(value: int, _width: int = 0) -> str:
    """Return the digits of ``value``; for a huge number, only about how many there are."""
    bits = int.bit_length(value)
    if bits <= _MOST_BITS:
        return int.__repr__(value)
    sign = "negative " if int.__lt__(value, 0) else ""
    return f"{sign}int of about {number(int(bits * 0.30103) + 1)} digits"


def text(value: str, width: int, task: Task | None = None) -> str:
    """Return ``value`` as a Python literal of about ``width`` characters; a longer one as its start and length."""
    length = str.__len__(value)
    if length <= width and len(whole := repr(str.__getitem__(value, slice(length)))) <= max(width, 8):
        return whole
    start = task.start if task else plain
    if width <= 40:
        return cut(repr(start(value, max(1, width - 3)) + "…"), width)
    note = f"({number(length)} characters)"
    kept = width - len(note) - 4
    return f"{cut(repr(start(value, kept) + '…'), kept + 3)} {note}"


def octets(value: bytes | bytearray, width: int, task: Task | None = None) -> str:
    """Return bytes as a literal of about ``width`` characters; longer ones as their start and length."""
    length = len(value)
    whole = bytes(value[: max(1, width)])
    if length <= width and len(repr(whole)) <= max(width, 8):
        return repr(whole) if type(value) is bytes else f"bytearray({whole!r})"
    kept = max(1, (width - 20) // 2)
    literal = repr(bytes(value[: kept + MARGIN]))
    masked = task.redactor.text(literal) if task else literal
    shown = masked if masked != literal else repr(bytes(value[:kept]))
    return f"{cut(shown, max(8, width - 16))}… ({number(length)} bytes)"


def masked(value: object, task: Task, name: object, *, in_column: bool = False) -> str:
    """Return the mask of ``value`` as a literal if its ``name`` makes it a secret; otherwise "".

    Args:
        value: anything. Strings and bytes are judged; in a column also numbers of three or more digits, such as a PIN.
        task: the description, whose redactor judges.
        name: the key, column, field or variable that holds the value.
        in_column: whether ``name`` is that of a column.
    """
    if classify_label(name) is None:  # as nearly always
        mask = task.redactor.in_row(value)
        return repr(mask) if mask else ""
    kind = type(value)
    content, literal = "", repr
    if issubclass(kind, str):
        content = plain(value, 2 * MARGIN)
    elif exactly(value, bytes, bytearray):
        content = bytes(value[: 2 * MARGIN]).decode("latin-1")  # type: ignore[index] # are bytes
        literal = "b{!r}".format
    elif in_column and exactly(value, int, float) and abs(value) >= 100:  # type: ignore[arg-type] # is a number
        content = integer(value) if type(value) is int else repr(value).removesuffix(".0")
        literal = str
    mask = task.redactor.text(content, name=name, in_column=in_column) if content else ""
    return literal(mask) if mask != content else ""


def _span(value: range, _width: int) -> str:
    step = "" if value.step == 1 else f", {integer(value.step)}"
    return f"range({integer(value.start)}, {integer(value.stop)}{step})"


def _decimal(value: Any, width: int) -> str:
    size = value.__sizeof__()
    return f"Decimal of about {number(2 * size)} digits" if size > 4_000 else cut(repr(value), max(width, 24))


def _plain_zone(value: Any) -> bool:
    """Return whether ``value`` has no time zone, or a well-known one: a repr runs code of the zone."""
    if not isinstance(value, (datetime.datetime, datetime.time)):
        return True
    base: Any = datetime.datetime if isinstance(value, datetime.datetime) else datetime.time
    zone = base.__dict__["tzinfo"].__get__(value)
    if zone is None or zone is instance_dict(sys.modules.get("pytz")).get("utc"):
        return True
    for base in mro(type(zone)):
        if dotted(base) in _TIME_ZONES and is_real(base):
            return not overrides(type(zone), base, *_ZONE_METHODS)
    return False


def _numpy_generic() -> object:
    numpy = sys.modules.get("numpy")
    return getattr(numpy, "generic", None) if type(numpy) is type(re) else None


def _numpy_scalar(value: Any, width: int, task: Task | None) -> str:
    kind = value.dtype.kind
    if kind in "mM":
        return f"{class_name(type(value))}({str(value)!r})"
    if kind == "V":
        return cut(one_line(repr(value), 10 * width) if not value.dtype.hasobject else "np.void(…)", width)
    item = value.item()
    is_plain = exactly(item, str, bytes) or id(type(item)) in _EXACT
    return (scalar(item, width, task) if is_plain else None) or cut(repr(item), width)


def formatted(value: Any) -> str | None:
    """Return ``value`` as an f-string formats it, if it is a scalar that runs no code of the user; else ``None``."""
    cls = type(value)
    if cls is int or cls is range:
        return _EXACT[id(cls)](value, 0)
    if id(cls) in _EXACT or (module_of(cls) == "numpy" and numpy_kind(value) in "biufcUSmM"):
        return f"{value}"
    for base in (str, int, float):  # members of an enumeration may be instances
        if issubclass(cls, base) and lookup(cls, "__format__") is base.__format__:
            method = lookup(cls, "__str__")
            return method(value) if any(method is slot for slot in (base.__str__, base.__repr__)) else None
    is_known = dotted(cls) in _SHORT and is_real(cls) and _plain_zone(value)
    if is_known or (dotted(cls) == "decimal.Decimal" and is_real(cls) and value.__sizeof__() <= 4_000):
        return str(value)
    if dotted(cls) == "fractions.Fraction" and is_real(cls):
        return f"{integer(value.numerator)}/{integer(value.denominator)}".removesuffix("/1")
    return None


def numpy_kind(value: object) -> str:
    """Return the letter of the kind of a scalar of numpy; a blank for any other value."""
    generic = _numpy_generic()
    is_generic = any(base is generic for base in mro(type(value))) and is_real(type(value))
    return value.dtype.kind if is_generic else " "  # type: ignore[attr-defined] # has one


def numpy_type(value: object) -> str:
    """Return the type of a number of numpy, in brackets; "" for any other value."""
    return f" ({value.dtype})" if numpy_kind(value) in "biufc" else ""  # type: ignore[attr-defined] # has one


def _constant(value: Any, _width: int) -> str:
    return repr(value)


# By id, because comparing classes may run code of a metaclass.
_CONSTANTS = (type(None), type(...), type(NotImplemented), bool, float, complex)
_EXACT: dict[int, Callable[[Any, int], str]] = {id(kind): _constant for kind in _CONSTANTS}
_EXACT |= {id(int): integer, id(range): _span}


def excerpt(value: str, width: int, task: Task) -> str:
    """Return ``value`` as it is, or its start and its end around a line that says how much is missing."""
    length = str.__len__(value)
    if length <= width:
        return plain(value, width)
    kept = max(0, width - 50)
    gone = number(length - kept * 2 // 3 - kept // 3)
    return f"{task.start(value, kept * 2 // 3)}\n[… {gone} characters left out …]\n{task.end(value, kept // 3)}"
