"""Check the shape of requests: the JSON types of the fields that are read. Any other shape is refused with a 422.

DeepSeek checks more: ranges, combinations and the order of messages are not checked here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .documented_errors import CHAT_MODELS, not_json, unknown_model, wrong_shape

JSON = dict[str, Any]
#: A type; a tuple of words or of shapes, one of which must fit; a list with the shape of each item; or a ``dict`` of
#: the fields of an object, of which those with a "!" at the end of the name are required. ``null`` counts as absent.
Shape = Any

NUMBER = (int, float)
#: The fields of both kinds of request.
COMMON: JSON = {
    "model!": str,
    "max_tokens": int,
    "temperature": NUMBER,
    "top_p": NUMBER,
    "frequency_penalty": NUMBER,
    "presence_penalty": NUMBER,
    "stop": (str, [str]),
    "stream": bool,
    "stream_options": {"include_usage": bool},
    "n": int,
    "user_id": str,
}
# Accepted by name, served and billed as Flash (DeepSeek's page quick_start/pricing).
_ALIASES = dict.fromkeys(("deepseek-v4-flash", "deepseek-v4-flash-vision-exp"), CHAT_MODELS[0])
# The names of types in errors, for the value that was found and for the one that was expected.
_FOUND = {bool: "boolean", int: "integer", float: "floating point", str: "string", list: "sequence", dict: "map"}
_EXPECTED = {bool: "a boolean", int: "u32", float: "f32", str: "a string", list: "a sequence", dict: "a map"}


@dataclass(frozen=True, slots=True)
class BaseRequest:
    """What chat and fill-in-the-middle requests have in common.

    Attributes:
        body: the JSON that was received.
        model: the name of the model that answers.
        budget: the most tokens of the reply.
    """

    body: JSON
    model: str
    budget: int

    @property
    def stop(self) -> list[str]:
        """The strings that end the reply."""
        given = self.body.get("stop") or []
        return [given] if isinstance(given, str) else given

    @property
    def stream(self) -> bool:
        """Whether the reply is streamed."""
        return bool(self.body.get("stream"))

    @property
    def include_usage(self) -> bool:
        """Whether each chunk of a stream has the field for the usage."""
        return bool((self.body.get("stream_options") or {}).get("include_usage"))


def read(raw: bytes, shape: Shape) -> tuple[JSON, str]:
    """Return the body in ``raw`` and the name of the model that answers.

    Raises:
        Refused: it is not JSON, does not have this ``shape``, or the model is unknown.
    """
    try:
        body = json.loads(raw, parse_constant=_no_number)
    except RecursionError:
        raise not_json("recursion limit exceeded") from None
    except ValueError as wrong:
        raise not_json(str(wrong)) from None
    if problem := misfit(body, shape):
        raise wrong_shape(raw, problem)
    name = _ALIASES.get(body["model"], body["model"])
    if name not in CHAT_MODELS:
        raise unknown_model(name)
    return body, name


def _no_number(name: str) -> None:
    raise ValueError(f"invalid number {name}")


def misfit(value: Any, shape: Shape, where: str = "") -> str:
    """Return in words where and why ``value`` does not have this ``shape``; "" if it does."""
    place = f"{where}: " if where else ""
    if isinstance(shape, tuple):
        if isinstance(shape[0], str):
            known = ", ".join(f"`{word}`" for word in shape)
            return "" if value in shape else f"{place}unknown variant `{value}`, expected one of {known}"
        problems = [misfit(value, one, where) for one in shape]
        return "" if "" in problems else problems[-1]
    kind: Any = shape if isinstance(shape, type) else type(shape)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        found = f"{_FOUND.get(type(value), 'null')} `{json.dumps(value)[:40]}`"
        return f"{place}invalid type: {found}, expected {_EXPECTED[kind]}"
    if isinstance(shape, list):
        return next(filter(None, (misfit(one, shape[0], f"{where}[{at}]") for at, one in enumerate(value))), "")
    for field, inner in shape.items() if isinstance(shape, dict) else ():
        name = field.rstrip("!")
        if value.get(name) is None:
            if field != name:
                return f"{place}missing field `{name}`"
        elif problem := misfit(value[name], inner, f"{where}.{name}".lstrip(".")):
            return problem
    return ""
