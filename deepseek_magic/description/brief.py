"""Describe a value on one line of a given width: in a cell of a table, in a list, after a name."""

from __future__ import annotations

import heapq
import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Sequence
from itertools import islice
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from deepseek_magic.guard import safe_cut
from deepseek_magic.text import one_line

from .classes import class_name, exactly, instance_dict, label, lookup, overrides, plain, type_name
from .deadline import Unanswered
from .fields import attributes_of, enum_member, fields_of
from .fitting import cut, number
from .registry import KnownType, find
from .scalars import masked, scalar
from .task import SHARE, Task

_DEEPEST = 6
# Sorting makes the text of a set the same in every session; of a larger set, any elements are taken.
_MOST_SORTED = 20_000
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]{4,16}")
# The default repr, which only names the class.
_BARE = re.compile(r"<[\w.<>]+ object>")

#: Containers that are described by their items, with the brackets around them.
BRACKETS: dict[type, str] = dict.fromkeys((dict, set, frozenset, OrderedDict, defaultdict, Counter), "{}")
BRACKETS |= {list: "[]", deque: "[]", tuple: "()"}
_UNNAMED = (dict, list, tuple, set)


def brief(value: Any, width: int, task: Task, name: object = "") -> str:
    """Return ``value`` on one line of at most ``width`` characters, safe to show.

    Code that is not ours runs with a deadline; if it gives no answer, the line says so. No error is raised because of
    the value. ``name`` is the key, field or variable that holds the value, if known: a secret name masks the value.
    """
    width = max(1, width)
    literal = masked(value, task, name) or scalar(value, width, task)
    if literal is not None:
        return cut(one_line(literal, 4 * width + 20), width)
    if id(value) in task.open:
        return cut(f"<the same {type_name(value)} again>", width)
    task.open.append(id(value))
    try:
        return cut(one_line(_described(value, width, task, name), 4 * width + 20), width)
    except RecursionError:
        return cut(f"<{type_name(value)}, nested too deeply>", width)
    finally:
        task.open.pop()


def column_value(value: Any, width: int, task: Task, column: object) -> str:
    """Return `brief` of a ``value`` in the column named ``column``."""
    literal = masked(value, task, column, in_column=True)
    return cut(literal, width) if literal else brief(value, width, task, column)


def _described(value: Any, width: int, task: Task, name: object) -> str:
    cls = type(value)
    found = find(cls)
    if found is not None and not isinstance(found, KnownType):
        return _asked(lambda: found(value, max(20, width // 3)), value, width, task, "its description")
    member = enum_member(value)
    if member is not None:
        return f"{type_name(value)}.{member[0]}"
    fields = fields_of(value)
    if fields is not None:
        return _record(fields, (f"{class_name(cls)}(", ")"), width, task)
    if found is not None and not (found.literal and overrides(cls, found.base, "__repr__")):
        for kind in BRACKETS:
            if found.base is kind:
                return _container(value, kind, width, task, name)
        size = sized(found, value, task)
        return _named(value) or f"<{class_name(cls)}{', ' + size if size else ''}>"
    return asked_repr(value, width, task)


def sized(known: KnownType, value: Any, task: Task) -> str:
    """Return the size of ``value`` for a title, such as ``40``; "" if it has none or its library gives no answer."""
    if not known.foreign:
        return known.size(value)
    try:
        return task.ask(lambda: known.size(value), type(value))
    except Unanswered:
        return ""


def _named(value: Any) -> str:
    """Return the name of a function, class or module; "" for anything else."""
    cls = type(value)
    if issubclass(cls, type):
        return f"<class {class_name(value)}>"
    if issubclass(cls, ModuleType):
        return f"<module {label(instance_dict(value).get('__name__', ''), 60)}>"
    if exactly(value, FunctionType, BuiltinFunctionType):
        return f"<function {label(value.__name__, 60)}>"
    if cls is MethodType and type(value.__func__) is FunctionType:
        return f"<method {label(value.__func__.__qualname__, 60)}>"
    return ""


def asked_repr(value: Any, width: int, task: Task, *, share: float = SHARE) -> str:
    """Return the ``repr`` of ``value``, run with a deadline and cut to ``width``, without memory addresses.

    If it gives no answer, the text says so. If it only names the class, ``str`` and the attributes are added.
    """
    found = own_repr(value, width, task, share=share)
    if found:
        return found
    name = type_name(value)
    said = own_str(value, width, task)
    if said:
        return f"<{name}: {said}>"
    fields = attributes_of(value)
    if not fields or len(task.open) > _DEEPEST:
        return f"<{name} object>"
    return _record(fields, ("<" + name + " ", ">"), width, task)


def own_repr(value: Any, width: int, task: Task, *, share: float = SHARE) -> str:
    """Return the ``repr`` of ``value`` as `asked_repr` does; "" if it only names the class."""
    cls = type(value)
    method = lookup(cls, "__repr__")
    if method is object.__repr__ or method is None:
        return ""

    def call() -> object:
        return method.__get__(value, cls)()  # binding may run code of a descriptor, so it is done in the thread

    text = _asked(call, value, width, task, "its __repr__", share=share)
    return "" if _BARE.fullmatch(text) else text


def own_str(value: Any, width: int, task: Task) -> str:
    """Return the ``__str__`` of a value whose class has no ``__repr__``; "" if there is none, or it is not in time."""
    cls = type(value)
    method = lookup(cls, "__str__")
    if method is object.__str__ or method is None:
        return ""
    if ~id(value) not in task.answers:

        def take() -> tuple[str, int]:
            text = as_text(method.__get__(value, cls)())
            return _ADDRESS.sub("", plain(text, 2 * width + 1_000)), str.__len__(text)

        try:
            text, length = task.ask(take, cls)
        except Unanswered:  # the attributes are still described
            text, length = "", 0
        text = "" if _BARE.fullmatch(text) else task.redactor.text(text)
        task.answers[~id(value)] = value, text, length
    return _shortened(*task.answers[~id(value)][1:], width)


def _asked(function: Callable[[], Any], value: Any, width: int, task: Task, what: str, *, share: float = SHARE) -> str:
    if id(value) in task.answers:
        return _shortened(*task.answers[id(value)][1:], width)

    def take() -> tuple[str, int]:
        text = as_text(function())
        # Cut in the thread that made it, so that a gigabyte is freed before any other code sees the text.
        return _ADDRESS.sub("", plain(text, 2 * width + 1_000)), str.__len__(text)

    try:
        text, length = task.ask(take, type(value), share=share)
    except Unanswered as error:
        task.unanswered[id(value)] = f"{what} {error}"
        text = f"<{type_name(value)}: {what} {error}>"
        length = len(text)
    text = task.redactor.text(text)
    task.answers[id(value)] = value, text, length
    return _shortened(text, length, width)


def as_text(answer: Any) -> str:
    """Return ``answer``, which code that is not ours returned, if it is a string.

    Raises:
        Unanswered: it is not a string.
    """
    if issubclass(type(answer), str):
        text: str = answer
        return text
    raise Unanswered(f"returned {type_name(answer)}, not str")


def _shortened(text: str, length: int, width: int) -> str:
    if len(text) > width > 60:
        note = f"… ({number(length)} characters)"
        return text[: safe_cut(text, width - len(note))] + note
    return cut(text, width)


def _record(fields: Sequence[tuple[str, Any]], brackets: tuple[str, str], width: int, task: Task) -> str:
    def entry(field: tuple[str, Any], share: int) -> str:
        title = one_line(field[0], 40)
        return f"{title}={brief(field[1], max(8, share - len(title) - 1), task, field[0])}"

    return _joined(fields, len(fields), brackets, width, entry)


def _container(value: Any, kind: type, width: int, task: Task, name: object) -> str:
    size = length(value, kind)
    title = "" if exactly(value, *_UNNAMED) else class_name(type(value))
    opening, closing = BRACKETS[kind][0], BRACKETS[kind][1]
    if not size:
        return f"{title or kind.__name__}()" if title or kind is set else opening + closing
    if title:
        opening, closing = f"{title}({opening}", f"{closing})"
    if len(task.open) > _DEEPEST or (width < 14 and size > 1):
        return f"{opening}… {number(size)}{closing}"
    if type(value) is tuple and size == 1:
        closing = ",)"
    items = first_items(value, kind, max(1, width // 3))

    def entry(item: Any, share: int) -> str:
        return brief(item, share, task, name)

    def pair(item: tuple[Any, Any], share: int) -> str:
        key = brief(item[0], max(8, share // 2), task)
        return f"{key}: {brief(item[1], max(8, share - len(key) - 2), task, key_name(item[0], name))}"

    return _joined(items, size, (opening, closing), width, pair if issubclass(kind, dict) else entry)


def key_name(key: object, name: object) -> object:
    """Return the name of the value under ``key`` in a mapping: the key, if it is a string or a tuple; else ``name``."""
    return key if issubclass(type(key), (str, tuple)) else name


def _joined(
    items: Sequence[Any], total: int, brackets: tuple[str, str], width: int, entry: Callable[[Any, int], str]
) -> str:
    """Return as many items as fit in ``width`` characters, and the number of the others."""
    parts: list[str] = []
    used = len(brackets[0]) + len(brackets[1])
    for place, item in enumerate(items):
        more = total - place
        tail = 0 if more == 1 else len(f"… {number(more)} more")
        left = width - used - tail
        if left < 4 and parts:
            break
        text = entry(item, max(8, left // min(more, 3)) if more > 1 else max(8, left))
        if parts and len(text) > left:
            break
        parts.append(text)
        used += len(text) + 2
    if len(parts) < total:
        parts.append(f"… {number(total - len(parts))} more")
    return brackets[0] + ", ".join(parts) + brackets[1]


def length(value: Any, kind: type) -> int:
    """Return the length of ``value`` by the slot of ``kind``: a subclass may override ``__len__``."""
    size: int = kind.__len__(value) if kind is not Counter else dict.__len__(value)  # type: ignore[attr-defined] # has one
    return size


def first_items(value: Any, kind: type, count: int) -> list[Any]:
    """Return the first ``count`` items of a container (pairs of a mapping), by the slots of ``kind``.

    Elements of sets are sorted if that runs none of the user's code, so that equal sets have the same text.
    """
    if kind in (list, tuple):
        return list(kind.__getitem__(value, slice(count)))
    for _attempt in range(3):
        try:
            if issubclass(kind, dict):
                return list(islice(dict.items(value), count))
            if kind in (set, frozenset):
                return _some_of(value, kind, count)
            return list(islice(deque.__iter__(value), count))
        except RuntimeError:  # another thread changed it meanwhile
            continue
    return []


def _some_of(value: Any, kind: type, count: int) -> list[Any]:
    elements = list(islice(kind.__iter__(value), _MOST_SORTED))  # type: ignore[attr-defined] # has one
    kinds = {id(type(element)) for element in elements}
    if len(kinds) == 1 and exactly(elements[0], str, int, float, bytes) and length(value, kind) <= _MOST_SORTED:
        return heapq.nsmallest(count, elements)
    return elements[:count]
