"""A call of a tool: its arguments read and checked, the function run, its result bounded and masked."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deepseek_magic.api.catalogue import estimate_tokens
from deepseek_magic.api.messages import Tool, ToolCall
from deepseek_magic.chat.structured.checking import validate
from deepseek_magic.chat.structured.values import to_value
from deepseek_magic.errors import DeepSeekError, one_line
from deepseek_magic.prompt.budget import cut
from deepseek_magic.prompt.guard import Guard, safe_cut

from .signatures import Function, is_strict

#: Most estimated tokens of one result.
RESULT_TOKENS = 2_000


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a call: the ``text`` for the model, whether it ``failed``, and the seconds it took."""

    text: str
    failed: bool = False
    seconds: float = 0.0


class ToolBox:
    """The functions that the model may call in one question.

    Args:
        functions: those that the user named.
        describe: tells a value in words, given the most tokens.
        guard: masks secrets in results.
        ask: asks the user whether a call may be made, given the call in words.
    """

    def __init__(
        self,
        functions: Sequence[Function],
        describe: Callable[[object, int], str],
        guard: Guard,
        ask: Callable[[str], bool],
    ) -> None:
        self._functions: Mapping[str, Function] = {function.tool.name: function for function in functions}
        self._describe = describe
        self._guard = guard
        self._ask = ask

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools as they are told to the model."""
        return tuple(function.tool for function in self._functions.values())

    @property
    def strict(self) -> bool:
        """Whether all of them are within what strict mode supports, which takes all or none."""
        return all(is_strict(function.schema) for function in self._functions.values())

    def run(self, call: ToolCall) -> Ran:
        """Make ``call`` and return what the model is told; only a stop of the user's is let through."""
        started = time.monotonic()
        text, failed = self._made(call)
        clean = self._guard.clean(text, f"the result of {one_line(call.name, 60)}").text
        size = estimate_tokens(clean)
        return Ran(cut(clean, RESULT_TOKENS, size, safe_cut), failed, time.monotonic() - started)

    def _made(self, call: ToolCall) -> tuple[str, bool]:
        function = self._functions.get(call.name)
        if function is None:
            return (
                f"there is no tool of the name {one_line(call.name, 60)!r}: there are {', '.join(self._functions)}",
                True,
            )
        arguments = _arguments(call, function)
        if isinstance(arguments, str):
            return arguments, True
        if function.asks and not self._ask(in_words(call)):
            return "the user did not allow this call", True
        try:
            by_place = [arguments.pop(name) for name in function.positional if name in arguments]
            return self._told(_awaited(function.call(*by_place, **arguments))), False
        except Exception as error:  # noqa: BLE001  # the user's code: whatever it raises is told to the model
            return f"{type(error).__name__}: {one_line(str(error), 500)}", True

    def _told(self, value: object) -> str:
        if isinstance(value, str):
            return value
        if value is None or isinstance(value, (bool, int, float, list, tuple, dict)):
            try:
                return json.dumps(value, ensure_ascii=False)
            except (TypeError, ValueError, RecursionError):
                pass
        return self._describe(value, RESULT_TOKENS)


def in_words(call: ToolCall) -> str:
    """Return ``call`` as Python would write it, on one line."""
    try:
        read = json.loads(call.arguments or "{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        return f"{one_line(call.name, 60)}({one_line(call.arguments, 200)})"
    given = ", ".join(f"{name}={value!r}" for name, value in read.items())
    return one_line(f"{call.name}({given})", 300)


def _arguments(call: ToolCall, function: Function) -> dict[str, Any] | str:
    """Return the arguments as Python values, or what is wrong with them, for the model."""
    try:
        read = json.loads(call.arguments.strip() or "{}")
    except (ValueError, RecursionError) as error:
        return (
            f"the arguments are not valid JSON ({one_line(str(error), 100)}): give them again, shorter if they were cut"
        )
    if not isinstance(read, dict):
        return "the arguments are not a JSON object: give them by name"
    problems = validate(read, function.schema)
    if problems:
        return "the arguments do not fit: " + "; ".join(one_line(str(problem), 200) for problem in problems[:5])
    try:
        return {name: to_value(value, function.hints.get(name, Any)) for name, value in read.items()}
    except DeepSeekError as error:
        return f"the arguments do not fit: {one_line(str(error), 300)}"


def _awaited(value: Any) -> Any:
    """Return the result of ``value`` where it is a coroutine: a notebook's own loop is busy, so in another thread."""
    if not inspect.iscoroutine(value):
        return value
    results: list[Any] = []

    def run() -> None:
        try:
            results.append((asyncio.run(value), None))
        except BaseException as error:  # noqa: BLE001  # raised again where the call was made
            results.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():  # a join without a time would not let a stop through
        thread.join(0.05)
    result, error = results[0]
    if error is not None:
        raise error
    return result
