"""Check a value against its schema, and report in words what does not fit, and where."""

from __future__ import annotations

import functools
import importlib
import itertools
import sys
import threading
from collections.abc import Iterator
from typing import Any

from . import quick_errors
from .formats import EXAMPLES, FORMATS
from .problem import Problem, quoted
from .schema import Schema

MAX_PROBLEMS = 20
"""How many problems with one value are reported."""
_MAX_ERRORS = 200

_TYPES = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
    "object": "an object",
    "array": "a list",
}
_PHRASES = {
    "minimum": "a number of at least {}",
    "maximum": "a number of at most {}",
    "exclusiveMinimum": "a number above {}",
    "exclusiveMaximum": "a number below {}",
    "multipleOf": "a multiple of {}",
    "minLength": "a string of at least {} characters",
    "maxLength": "a string of at most {} characters",
    "pattern": "a string that matches {}",
    "minItems": "a list of at least {}",
    "maxItems": "a list of at most {}",
    "minProperties": "an object of at least {} keys",
    "maxProperties": "an object of at most {} keys",
    "const": "{}",
}


def validate(value: Any, schema: Schema, *, quick: bool = True) -> list[Problem]:
    """Return where ``value`` does not fit ``schema``: at most `MAX_PROBLEMS`, those nearest to the top first.

    Formats are checked if a Python value is built from them, and so are a few others (`FORMATS`).

    Args:
        value: a JSON value.
        schema: a valid JSON Schema that refers to nothing outside itself (see `schema.checked`).
        quick: whether a schema of everyday keywords is checked without jsonschema, which takes seconds to load.
    """
    try:
        found = quick_errors.errors if quick and quick_errors.is_everyday(schema) else _by_jsonschema
        errors = list(itertools.islice(found(value, schema), _MAX_ERRORS))
    except RecursionError:
        return [Problem("shape", "a value that is less deep", "too many levels to check")]
    problems = dict.fromkeys(problem for error in errors for problem in _problems(error))
    return sorted(problems, key=lambda problem: len(problem.path))[:MAX_PROBLEMS]


def _by_jsonschema(value: Any, schema: Schema) -> Iterator[Any]:
    return iter(validator(schema).iter_errors(value))


def validator(schema: Schema) -> Any:
    """Return jsonschema's validator for ``schema``, with our formats. Making one costs much more than using it."""
    import jsonschema  # slow to load: only where a reply is checked
    import referencing

    formats = jsonschema.FormatChecker(formats=())
    for name, read in FORMATS.items():
        formats.checks(name, raises=(ValueError, TypeError))(_format_check(read))
    kind = _extended(jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator))
    # An empty registry: without one, jsonschema would fetch references to other documents from the network.
    return kind(schema, format_checker=formats, registry=referencing.Registry())


def preload(schema: Schema | None) -> None:
    """Start loading jsonschema in a thread if ``schema`` needs it, so that it is ready when the reply has arrived.

    Loading takes two seconds of CPU time if its optional packages are installed, and JupyterLab installs them.
    """
    if schema is not None and "jsonschema" not in sys.modules and not quick_errors.is_everyday(schema):
        threading.Thread(target=importlib.import_module, args=("jsonschema",), name="jsonschema", daemon=True).start()


@functools.cache
def _extended(kind: Any) -> Any:
    import jsonschema  # as above

    return jsonschema.validators.extend(kind, {"multipleOf": _multiples})


def _multiples(_validator: Any, step: Any, value: Any, _schema: Any) -> Iterator[Any]:
    """Check ``multipleOf`` by the digits of the numbers: as floats, 0.07 is not a multiple of 0.01."""
    import jsonschema  # as above

    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    if not quick_errors.is_multiple(value, step):
        yield jsonschema.ValidationError(f"{value} is not a multiple of {step}")


def _format_check(read: Any) -> Any:
    def check(value: object) -> bool:
        if isinstance(value, str):
            read(value)
        return True

    return check


def _problems(error: Any) -> Iterator[Problem]:
    path, found, said = tuple(error.absolute_path), error.instance, error.validator_value
    match error.validator:
        case "required":
            for key in said:
                if key not in found:
                    yield Problem("shape", f"a value{_missing_type(error, key)}", "nothing", (*path, key))
        case "additionalProperties" | "unevaluatedProperties":
            known = error.schema.get("properties", {})
            keys = ", ".join(list(known)[:8]) or "none"
            for key in found:
                if key not in known:
                    yield Problem("shape", f"no such key (known: {keys})", quoted(found[key]), (*path, key))
        case "anyOf" | "oneOf":
            yield from _branch_problems(error)
        case _:
            if "propertyNames" in list(error.absolute_schema_path)[-2:-1]:
                yield Problem("shape", f"as a key {_expected(error)}", quoted(found), (*path, found))
            else:
                yield Problem("shape", _expected(error), quoted(found), path)


def _missing_type(error: Any, key: str) -> str:
    """Return the type of a missing key in parentheses; "" if the schema does not give exactly one."""
    part = error.schema.get("properties", {}).get(key)
    kind = part.get("type") if isinstance(part, dict) else None
    return f" ({_TYPES[kind]})" if isinstance(kind, str) and kind in _TYPES else ""


def _expected(error: Any) -> str:
    said = error.validator_value
    match error.validator:
        case "type":
            return " or ".join(_TYPES.get(one, str(one)) for one in ([said] if isinstance(said, str) else said))
        case "enum":
            more = " …" if len(said) > 12 else ""
            return f"one of {', '.join(quoted(one) for one in said[:12])}{more}"
        case "format":
            return f"a string in the format {said}{f', like {EXAMPLES[said]}' if said in EXAMPLES else ''}"
        case "required":
            return f"an object with {', '.join(said[:8])}"
        case "additionalProperties" | "unevaluatedProperties":
            return "an object without other keys"
        case "anyOf" | "oneOf":
            return "a value that fits one of the alternatives"
        case "uniqueItems":
            return "a list without duplicates"
        case "items" | "prefixItems":
            return f"a list of at most {len(error.schema.get('prefixItems', ()))}"
        case None:
            return "nothing"
    phrase = _PHRASES.get(error.validator)
    return phrase.format(quoted(said)) if phrase else f"what fits: {error.message[:150]}"


def _branch_problems(error: Any) -> Iterator[Problem]:
    """Yield the problems of the branch that was most likely meant: by its type first, and then by its tag."""
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        if not inner.schema_path:
            continue  # the branch ``false``, which was not meant
        branches.setdefault(inner.schema_path[0], []).append(inner)
    path = tuple(error.absolute_path)
    meant = [errors for errors in branches.values() if not any(_at_top(one, "type") for one in errors)]
    tagged = [errors for errors in meant if not any(_is_tag(one) for one in errors)]
    if branches and (meant if len(meant) == 1 else tagged):
        best = min(meant if len(meant) == 1 else tagged, key=len)
        for inner in best:
            yield from _problems(inner)
        return
    if not branches:
        yield Problem("shape", "a value that fits exactly one alternative", quoted(error.instance), path)
        return
    tags = [one for errors in meant for one in errors if _is_tag(one)]
    if tags and len({tuple(one.absolute_path) for one in tags}) == 1:
        choices = [choice for one in tags for choice in _choices(one)]
        expected = "one of " + ", ".join(dict.fromkeys(quoted(choice) for choice in choices))
        yield Problem("shape", expected, quoted(tags[0].instance), tuple(tags[0].absolute_path))
        return
    words = dict.fromkeys(_expected(errors[0]) for errors in branches.values())
    yield Problem("shape", " or ".join(words), quoted(error.instance), path)


def _at_top(error: Any, validator: str) -> bool:
    return error.validator == validator and len(error.path) == 0


def _is_tag(error: Any) -> bool:
    return error.validator in ("const", "enum") and len(error.path) <= 1


def _choices(error: Any) -> list[Any]:
    return list(error.validator_value) if error.validator == "enum" else [error.validator_value]
