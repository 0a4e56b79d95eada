"""Make a call of a tool: read and check its arguments, run the function, bound and mask its result."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deepseek_magic.api.events import Calling
from deepseek_magic.api.messages import Tool, ToolCall
from deepseek_magic.chat.strangers import is_from_outside
from deepseek_magic.context.budget import cut, rough
from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard, safe_cut
from deepseek_magic.structured.digits import ExactFloat
from deepseek_magic.structured.problem import Misfit
from deepseek_magic.text import estimate_tokens, one_line, words_of

from .offered import RESULT_TOKENS, Made, Offered
from .returned import FirstItems, awaited, is_short
from .signatures import Function, is_strict

#: The most characters of a call that the user can be asked about: the end of a longer one would not be seen.
_ASKABLE = 4_000


@dataclass(frozen=True, slots=True)
class Ran:
    """The result of a call.

    Attributes:
        text: the text for the model.
        failed: whether the call failed.
        seconds: the seconds it took.
        left_out: the estimated tokens that were cut off.
        masked: the kinds of the secrets that were masked.
        made: everything else that the tool returned.
    """

    text: str
    failed: bool = False
    seconds: float = 0.0
    left_out: int = 0
    masked: tuple[str, ...] = ()
    made: Made = field(default_factory=lambda: Made(""))


@dataclass(slots=True)
class Strangers:
    """Whether words of strangers (from a file, the web or another program) are in the conversation (``come``)."""

    come: bool = False


class ToolBox:
    """The functions that the model may call in one question.

    Args:
        functions: the user's functions.
        describe: returns a description of a value, given the value and the most tokens.
        guard: masks secrets in results.
        ask: asks the user whether a call may be made, given the call in words.
        others: tools besides the user's functions.
        strangers: records when words of strangers arrive.
        of_servers: starts the MCP servers and returns their tools; `open` calls it.
        servers: the user's names for these servers.

    Attributes:
        told_apart: distinguishes the servers from others with the same names; "" if that is not known.
    """

    def __init__(
        self,
        functions: Sequence[Function],
        describe: Callable[[object, int], str],
        guard: Guard,
        ask: Callable[[str], bool],
        others: Sequence[Offered] = (),
        strangers: Strangers | None = None,
        of_servers: Callable[[], Sequence[Offered]] | None = None,
        servers: Sequence[str] = (),
    ) -> None:
        self._strangers = strangers or Strangers()
        self._functions: Mapping[str, Function] = {function.tool.name: function for function in functions}
        self._others: dict[str, Offered] = {other.tool.name: other for other in others}
        self._of_servers = of_servers
        self.servers, self.told_apart = tuple(servers), ""
        self._describe = describe
        self._guard = guard
        self._ask = ask

    def open(self) -> None:
        """Add the tools of the servers, and start the servers if they do not run.

        Raises:
            OptionError, ConfigurationError, ToolServerFailed: a server is not configured, or cannot be started.
        """
        if self._of_servers is not None:
            of_servers, self._of_servers = self._of_servers(), None
            self._others |= {other.tool.name: other for other in of_servers}

    @property
    def names(self) -> Iterable[str]:
        """The names of the tools for the model."""
        return (*self._functions, *self._others)

    def tools(self) -> tuple[tuple[Tool, tuple[str, ...]], ...]:
        """Return the tools as they are sent to the model, each with the kinds of the secrets masked in it.

        Raises:
            SecretFound: the guard refuses, and there is a secret in a description.
        """
        offered = [*(one.tool for one in self._functions.values()), *(one.tool for one in self._others.values())]
        return tuple(map(self._clean, offered))

    def _clean(self, tool: Tool) -> tuple[Tool, tuple[str, ...]]:
        where = f"the description of {tool.name}"
        description = self._guard.clean(tool.description, where)
        masked = [finding.kind for finding in description.findings]
        # in JSON a secret stands beside its name; where the mask took a sign of JSON with it, text by text must do
        whole = self._guard.clean(tool.parameters, where)
        try:
            told = json.loads(whole.text)
        except ValueError:
            told = json.loads(tool.parameters)

        def clean(value: Any) -> Any:
            if isinstance(value, str):
                cleaned = self._guard.clean(value, where)
                masked.extend(finding.kind for finding in cleaned.findings)
                return cleaned.text
            if isinstance(value, dict):
                return {clean(name): clean(one) for name, one in value.items()}
            return [clean(one) for one in value] if isinstance(value, list) else value

        schema = clean(told)
        properties = schema.get("properties")
        for name, parameter in properties.items() if isinstance(properties, dict) else ():
            if (
                isinstance(parameter, dict)
                and isinstance(parameter.get("default"), str)
                and self._is_secret(parameter["default"], name)
            ):
                del parameter["default"]
        changed = masked or schema != told
        cleaned = replace(Tool.of(tool.name, description.text, schema), server=tool.server) if changed else tool
        return cleaned, tuple(masked)

    def _is_secret(self, value: str, name: str) -> bool:
        """Return whether ``value`` is a secret as the value of ``name``."""
        try:
            return self._guard.clean_value(value, name) != value
        except SecretFound:
            return True

    @property
    def strict(self) -> bool:
        """Whether strict mode supports all of the tools: it needs all or none."""
        schemas = [function.schema for function in self._functions.values()]
        return all(map(is_strict, [*schemas, *(json.loads(one.tool.parameters) for one in self._others.values())]))

    def calling(self, call: ToolCall) -> Calling:
        """Return the event that is shown before ``call`` is made."""
        words, other = in_words(call), self._others.get(call.name)
        return Calling(words) if other is None else other.calling(call, words)

    def run(self, call: ToolCall) -> Ran:
        """Make ``call`` and return its result.

        Raises:
            KeyboardInterrupt: the user stopped it.
            SecretFound: the guard refuses, and there is a secret in the result.
        """
        other = self._others.get(call.name)
        made = Made(*self._made(call)) if other is None else other.made(call, in_words(call, _ASKABLE))
        self._strangers.come = self._strangers.come or is_from_outside(call.name)
        text = made.text
        looked_at = rough(text, made.tokens)
        clean = self._guard.clean(looked_at, f"the result of {one_line(call.name, 60)}").text
        size = estimate_tokens(clean) * len(text) // max(1, len(looked_at))
        told = cut(clean, made.tokens, size, safe_cut)
        left = max(0, size - estimate_tokens(told)) if told != clean or looked_at != text else 0
        masked = tuple(finding.kind for finding in self._guard.clean(told).findings)
        return Ran(told, made.failed, made.seconds, left, masked, made)

    def _made(self, call: ToolCall) -> tuple[str, bool, float]:
        """Return the text of the result, whether the call failed, and the seconds that the function itself took."""
        function = self._functions.get(call.name)
        if function is None:
            known = ", ".join(self.names)
            return f"there is no tool named {one_line(call.name, 60)!r}: there are {known}", True, 0.0
        try:
            arguments = arguments_of(call, function)
        except Exception as error:  # noqa: BLE001  # a function must never run with less than the model sent
            arguments = f"the arguments cannot be read: {words_of(error)}"
        if isinstance(arguments, str):
            return arguments, True, 0.0
        if function.asks and (refused := self._refused(call)):
            return refused, True, 0.0
        started = time.monotonic()
        try:
            value = awaited(function.called(arguments))
            seconds = time.monotonic() - started
            return self._told(value), False, seconds
        except (KeyboardInterrupt, SecretFound):
            raise
        except BaseException as error:  # noqa: BLE001  # the user's code may even exit; the model is sent the error
            return words_of(error, 500), True, time.monotonic() - started

    def _refused(self, call: ToolCall) -> str:
        """Ask the user about ``call``; return why it is refused, "" if it is allowed."""
        words = in_words(call, _ASKABLE)
        if len(words) >= _ASKABLE:
            return "this call is too long for the user to be asked about it: make it shorter"
        return "" if self._ask(words) else "the user did not allow this call"

    def _told(self, value: object) -> str:
        if isinstance(value, FirstItems):
            many = f"The first {len(value.items)} items; there may be more:\n" if value.more else ""
            return many + self._told(value.items)
        if isinstance(value, str):
            return value
        if is_short(value):
            try:
                return json.dumps(value, ensure_ascii=False)
            except (ValueError, RecursionError):
                pass
        return self._describe(value, RESULT_TOKENS)


def in_words(call: ToolCall, limit: int = 300) -> str:
    """Return ``call`` as Python would write it, on one line of at most ``limit`` characters."""
    try:
        read = read_arguments(call.arguments)
        named = (
            ()
            if isinstance(read, str)
            else ((key if key.isidentifier() else repr(key), one) for key, one in read.items())
        )
        given = call.arguments if isinstance(read, str) else ", ".join(f"{key}={one!r}" for key, one in named)
    except RecursionError:
        given = call.arguments
    return one_line(f"{one_line(call.name, 64)}({given})", limit)


def read_arguments(text: str) -> dict[str, Any] | str:
    """Return the arguments in ``text`` by name, or a message for the model that says what is wrong.

    Empty text and ``null`` mean no arguments. Line ends that a model did not escape are accepted.
    """
    try:
        read = json.loads(text.strip() or "{}", strict=False, object_pairs_hook=_object, parse_float=ExactFloat)
    except (ValueError, RecursionError) as error:
        return (
            f"the arguments are not valid JSON ({one_line(str(error), 100)}); they were {one_line(text, 100)!r}: "
            "give them again, shorter if they were cut"
        )
    if read is None:
        return {}
    return read if isinstance(read, dict) else "the arguments are not a JSON object: give them by name"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        msg = "a key appears twice in one object, so one of its values would be lost"
        raise ValueError(msg)
    return made


def arguments_of(call: ToolCall, function: Function) -> dict[str, Any] | str:
    """Return the arguments as Python values, or a message for the model that says what is wrong."""
    read = read_arguments(call.arguments)
    if isinstance(read, str):
        return read
    try:
        return function.values(read)
    except Misfit as error:
        return "the arguments do not fit: " + "; ".join(one_line(str(problem), 200) for problem in error.problems[:5])
