"""Describe functions, classes and modules by signature, docstring and source, without calling them."""

from __future__ import annotations

import functools
import inspect
import re
import types
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from deepseek_magic.text import largest_that_fits, one_line

from . import classes
from .brief import brief, own_str
from .classes import class_name, exactly, instance_dict, label, lookup, mro, namespace, plain, type_name
from .containers import describe_fields
from .fields import attributes_of, public_methods
from .fitting import cut, fits, number
from .registry import describes
from .source_code import class_file, class_source, function_source
from .task import Task

#: Replaces source and docstring.
NOT_SHOWN = "source not shown: its cell is marked deepseek: ignore"


def signature_of(function: types.FunctionType, task: Task, *, bare: bool = False) -> str:
    """Return the parameters of ``function`` with their defaults, without annotations, which the source shows.

    The defaults are left out with ``bare``, or if the source is hidden.
    """
    code = function.__code__
    bare = bare or task.redactor.hides(code.co_filename)
    names = [plain(name) for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]]
    defaults = function.__defaults__ or ()

    def given(name: str, value: Any) -> str:
        return f"{name}={'…' if bare else brief(value, 40, task, name)}"

    parts: list[str] = []
    for place, name in enumerate(names[: code.co_argcount]):
        missing = code.co_argcount - len(defaults)
        parts.append(name if place < missing else given(name, defaults[place - missing]))
        if place + 1 == code.co_posonlyargcount:
            parts.append("/")
    rest = list(code.co_varnames[code.co_argcount + code.co_kwonlyargcount :])
    if code.co_flags & inspect.CO_VARARGS:
        parts.append(f"*{rest.pop(0)}")
    elif code.co_kwonlyargcount:
        parts.append("*")
    held = function.__kwdefaults__ or {}
    for name in names[code.co_argcount :]:
        parts.append(given(name, held[name]) if name in held else name)
    if code.co_flags & inspect.CO_VARKEYWORDS:
        parts.append(f"**{rest.pop(0)}")
    return f"({', '.join(parts)})"


def doc_of(text: object, task: Task) -> str:
    """Return the first paragraph of a docstring, on one line."""
    if not issubclass(type(text), str):
        return ""
    return one_line(task.redactor.text(plain(text, 4_000).strip().partition("\n\n")[0]), 400)


def unwrapped(value: Any) -> types.FunctionType | None:
    """Return the function below decorators made with ``functools.wraps``, partials and bound methods."""
    for _ in range(10):
        if type(value) is types.FunctionType:
            inner = instance_dict(value).get("__wrapped__")
            if type(inner) is not types.FunctionType:
                return value
            value = inner
        elif exactly(value, types.MethodType, staticmethod, classmethod):
            value = value.__func__
        elif type(value) is functools.partial:
            value = value.func
        else:
            value = instance_dict(value).get("__wrapped__")
    return None


def _with_source(head: str, facts: Sequence[str], source: str, task: Task) -> str:
    """Return ``head`` and the ``source`` if that fits; else ``head``, the ``facts`` and as much source as fits."""
    whole = f"{head}:\n{source}"
    if source and fits(whole, task.tokens):
        return whole
    summary = "\n".join([head, *filter(None, facts)])
    if not source:
        return summary
    lines = [line.rstrip() for line in task.redactor.text(source).splitlines()]  # masked before it is cut
    begun = task.lines(f"{summary}\nsource:", lines, left_out="# … {} more lines")
    return next((text for text in (begun, summary) if fits(text, task.tokens)), head)


@describes(types.FunctionType)
def describe_function(value: types.FunctionType, task: Task) -> str:
    """Describe a function by its source; if that is too long, by signature, docstring and the start of the source."""
    inner = unwrapped(value) or value
    name = label(value.__qualname__)
    wrapped = f", wraps {label(inner.__qualname__)}" if inner is not value else ""
    head = f"function {name} of module {label(value.__module__)}{wrapped}"
    definition = f"def {label(inner.__name__)}{signature_of(inner, task)}"
    if task.redactor.hides(inner.__code__.co_filename):
        return f"{head}\n{definition}\n{NOT_SHOWN}"
    facts = [definition, _quoted(doc_of(inner.__doc__, task))]
    return _with_source(head, facts, function_source(inner), task)


def _quoted(doc: str) -> str:
    return f'"""{doc}"""' if doc else ""


@describes(types.MethodType)
def describe_method(value: types.MethodType, task: Task) -> str:
    """Describe a bound method: what it is bound to, and its function."""
    bound: Any = value.__self__
    owner = f"class {class_name(bound)}" if issubclass(type(bound), type) else f"one {type_name(bound)}"
    inner = unwrapped(value)
    described = describe_function(inner, task) if inner is not None else brief(value.__func__, 200, task)
    return f"bound method of {owner}: {described}"


@describes(functools.partial)
def describe_partial(value: functools.partial[Any], task: Task) -> str:
    """Describe a ``functools.partial``: the arguments it holds, and its function."""
    given = [brief(item, 60, task) for item in value.args[:10]]
    named = islice(dict.items(value.keywords), 10)
    given += [f"{label(name, 40)}={brief(item, 60, task, name)}" for name, item in named]
    head = f"functools.partial of {brief(value.func, 80, task)} with {', '.join(given) or 'nothing'}"
    inner = unwrapped(value)
    return f"{head}\n{describe_function(inner, task)}" if inner is not None else head


@describes(functools._lru_cache_wrapper, staticmethod, classmethod, property)
def describe_wrapped(value: Any, task: Task) -> str:
    """Describe a wrapper of the standard library by the function in it; a property by its getter."""
    inner = unwrapped(value.fget if type(value) is property else value)
    head = "cached function" if type(value) is functools._lru_cache_wrapper else type_name(value)
    return f"{head}: {describe_function(inner, task)}" if inner is not None else head


@describes(types.BuiltinFunctionType, types.MethodWrapperType)
@describes(types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType)
def describe_builtin(value: Any, task: Task) -> str:
    """Describe a function written in C by its name, signature text and docstring."""
    name = label(value.__qualname__)
    # A dollar sign marks the parameter that the interpreter fills in.
    signature = re.sub(r"\(\$\w+(?:, /)?(?:, )?", "(", label(value.__text_signature__ or "(…)", 200))
    return "\n".join(part for part in (f"built-in {name}{signature}", _quoted(doc_of(value.__doc__, task))) if part)


@describes(type)
def describe_class(value: type, task: Task) -> str:
    """Describe a class by its source, or by bases, docstring, constructor and public names."""
    space = namespace(value)
    bases = ", ".join(class_name(base) for base in classes.bases_of(value)[:8] if base is not object)
    head = f"class {class_name(value)}{f'({bases})' if bases else ''} of module {label(classes.module_of(value))}"
    start = lookup(value, "__init__")
    is_hidden = task.redactor.hides(class_file(value))
    constructor = f"__init__{signature_of(start, task, bare=is_hidden)}" if type(start) is types.FunctionType else ""
    facts = [constructor, _annotated(space, task), _members(value), _methods(space, task, bare=is_hidden)]
    if is_hidden:
        return _with_source(head, [*facts, NOT_SHOWN], "", task)
    facts.insert(0, _quoted(doc_of(space.get("__doc__"), task)))
    return _with_source(head, facts, class_source(value), task)


def describe_attributes(value: Any, task: Task) -> str:
    """Describe an object without a ``__repr__`` by its ``__str__``, its attributes, and its class's methods."""
    said = own_str(value, task.room // 2, task)
    head = f"{type_name(value)} object{': ' + said if said else ''}"
    fields = attributes_of(value)
    listed = [_methods(namespace(base), task) for base in mro(type(value))[:3] if base is not object]
    methods = "\n".join(f"its class {each}" for each in listed if each)
    if fields:
        with task.reserving(methods[: task.room // 4]):
            head = describe_fields(f"{head}\nattributes", fields, task)
    return f"{head}\n{methods}" if methods else head


def _annotated(space: Mapping[str, Any], task: Task) -> str:
    """Return the annotated fields of a class, such as a TypedDict or a model."""

    def of(kind: Any) -> str:
        return class_name(kind) if issubclass(type(kind), type) else plain(kind, 60) or brief(kind, 60, task)

    declared: Any = space.get("__annotations__")
    if type(declared) is not dict or not declared:
        return ""
    optional: Any = space.get("__optional_keys__")
    missing = optional if type(optional) is frozenset else ()
    shown = [
        f"{label(name, 40)}: {label(of(kind))}{' (optional)' if name in missing else ''}"
        for name, kind in islice(declared.items(), 40)
        if type(name) is str
    ]
    return f"fields: {', '.join(shown)}{', …' if len(declared) > 40 else ''}"


def _members(value: type) -> str:
    members = namespace(value).get("_member_map_")
    if type(members) is not dict:
        return ""
    shown = ", ".join(label(name, 40) for name in islice(members, 40))
    return f"members: {shown}{', …' if len(members) > 40 else ''}"


def _methods(space: Any, task: Task, *, bare: bool = False) -> str:
    parts = []
    for name in public_methods(space)[:40]:
        function = unwrapped(space.get(name))
        parts.append(f"{one_line(name, 60)}{signature_of(function, task, bare=bare) if function else ''}")
    return f"defines: {', '.join(parts)}" if parts else ""


@describes(types.ModuleType)
def describe_module(value: types.ModuleType, task: Task) -> str:
    """Describe a module: name, version, the first line of its docstring, its public names."""
    space = instance_dict(value)
    name = label(space.get("__name__", ""), 100)
    version = label(space.get("__version__", ""), 40)
    doc = doc_of(space.get("__doc__"), task)
    head = f"module {name}{' ' + version if version else ''}{': ' + doc if doc else ''}"
    listed: Any = space.get("__all__")
    names = listed if exactly(listed, list, tuple) else list(islice(dict.keys(space), 5_000))
    public = sorted({plain(each) for each in names if type(each) is str and not each.startswith("_")})
    if not public:
        return head

    def shown(count: int) -> str:
        more = f", … {number(len(public) - count)} more" if count < len(public) else ""
        return f"{head}\npublic names: {', '.join(public[:count])}{more}"

    return shown(largest_that_fits(lambda count: fits(shown(count), task.tokens), len(public)))


@describes(types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
def describe_generator(value: Any, _task: Task) -> str:
    """Describe a generator by its function and state; it is not consumed."""
    prefix = {types.GeneratorType: "gi", types.CoroutineType: "cr"}.get(type(value), "ag")
    code, frame = getattr(value, f"{prefix}_code"), getattr(value, f"{prefix}_frame")
    if frame is None:
        state = "finished"
    elif getattr(value, f"{prefix}_running"):
        state = f"running at line {frame.f_lineno}"
    # where it is paused says nothing of whether it began, from Python 3.13 on; before 3.12 it is all that there is
    elif getattr(value, f"{prefix}_suspended", frame.f_lasti > 0):
        state = f"paused at line {frame.f_lineno}"
    else:
        state = "not started"
    return f"{type_name(value)} {label(value.__qualname__) or cut(code.co_name, 80)}, {state}; not consumed"
