"""``%deepseek_map`` and `deepseek_magic.map`: one prompt over the values of a column or list."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.credentials import Key, environment_key
from deepseek_magic.errors import DeepSeekError, Interrupted, OptionError, QuestionError, one_line
from deepseek_magic.mapping.engine import JOBS, Plan, run
from deepseek_magic.mapping.results import Mapped
from deepseek_magic.prompt import options
from deepseek_magic.prompt.options import MAP_OPTIONS

from .namespace import evaluated, own_names

if TYPE_CHECKING:
    from .extension import DeepSeek
    from .session import Session

#: Where a value stands in the prompt.
PLACE = "{value}"
_TARGET = re.compile(r"([^\W\d]\w*)(?:\.([^\W\d]\w*)|\[(['\"])(.+)\3\])?\Z")


def key_here(base_url: str) -> Key | None:
    """Return the key that this process finds for ``base_url``; named in tasks that run elsewhere."""
    return environment_key(os.environ, base_url)


def map_values(  # noqa: PLR0913  # each is one thing that the user may say
    session: Session,
    config: Mapping[str, Any],
    values: Iterable[Any],
    prompt: str,
    *,
    values_of: Mapping[str, Any],
    schema: Any = None,
    names: Mapping[str, Any] | None = None,
    jobs: int = JOBS,
    fresh: bool = False,
    show: bool = True,
) -> Mapped:
    """Ask ``prompt`` of each of ``values``; see `deepseek_magic.map`.

    Args:
        session: keeps what is answered.
        config: the configured settings.
        values: what is asked about; the labels of a Series are kept.
        prompt: with ``{value}`` where each value goes.
        values_of: the options of the questions.
        schema: what each result is to be: whatever ``--schema`` takes; ``None`` for text.
        names: where names in annotations are looked up.
        jobs: how many are asked at a time.
        fresh: whether values that were answered before are asked again.
        show: whether a progress bar and what it may cost are shown.
    """
    if PLACE not in prompt:
        msg = f"the prompt has no {PLACE}, so every value would be asked the same: write it where the value goes"
        raise QuestionError(msg)
    given = list(values)
    question = session.question(prompt, values_of, config)
    settings = session.ready(question.settings)
    text, compiled, build = _form(prompt, schema, names or {})
    clean = question.guard.clean
    plan = Plan(
        prompts=[clean(text.replace(PLACE, _told(value)), f"value {place}").text for place, value in enumerate(given)],
        settings=settings.replaced(system=clean(settings.system, "the system text").text),
        schema=compiled,
        build=build,
        prices=question.prices,
        find_key=key_here,
        jobs=jobs,
        index=getattr(values, "index", None) if not isinstance(values, (list, tuple, str)) else None,
    )
    if fresh:
        session.store.forget(plan.keys())
    try:
        mapped = run(plan, session.store, _bar if show else _no_bar, print if show else _say_nothing)
    except (DeepSeekError, Interrupted) as error:
        if isinstance(error.reply, Mapped):
            session.count_map(error.reply, settings)
        raise
    session.count_map(mapped, settings)
    return mapped


def _form(
    prompt: str, schema: Any, names: Mapping[str, Any]
) -> tuple[str, dict[str, Any] | None, Callable[[Any], Any]]:
    """Return the prompt as it is asked, the JSON Schema of a result, and what makes a result of its JSON value."""
    if schema is None:
        return prompt, None, lambda value: value
    from deepseek_magic.chat.structured.asking import instructions
    from deepseek_magic.chat.structured.schema import schema_of
    from deepseek_magic.chat.structured.values import to_value

    compiled = schema_of(schema, names)
    # The instructions stand first: what is equal in all questions is then served from the endpoint's cache.
    text = f"{instructions(compiled)}\n\n{prompt}"
    return text, compiled, lambda value: to_value(value, schema, names)


def _told(value: Any) -> str:
    if isinstance(value, str):
        return value
    from deepseek_magic.prompt.describe import describe  # texts need none of it

    return describe(value, tokens=2_000)


def _bar(total: int) -> Any:
    from tqdm.auto import tqdm  # heavy in a notebook: it brings widgets

    return tqdm(total=total, unit="value")


class _Still:
    """A progress bar that shows nothing."""

    def update(self, count: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def _no_bar(total: int) -> _Still:  # noqa: ARG001  # as a bar is made
    return _Still()


def _say_nothing(text: str) -> None:
    """Do nothing."""


def magic(magics: DeepSeek, line: str, cell: str | None, local_names: Mapping[str, Any] | None) -> Mapped:
    """Do what ``%deepseek_map SOURCE [options] prompt`` says; return the results.

    Raises:
        OptionError: the source, the target or an option is not understood.
        DeepSeekError, Interrupted: as `deepseek_magic.mapping.engine.run`; what came by then is in the target.
    """
    shell: Any = magics.shell
    source, _, rest = line.strip().partition(" ")
    if not source:
        msg = "%deepseek_map wants the values first, like: %deepseek_map df.review -o df.topic Classify: {value}"
        raise OptionError(msg)
    parsed = options.parse(rest, MAP_OPTIONS)
    prompt = _unquoted("\n\n".join(part for part in (parsed.text, (cell or "").removesuffix("\n")) if part))
    names = own_names(shell, local_names)
    values, given = parsed.values, evaluated(source, names, "%deepseek_map")
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        msg = f"%deepseek_map {one_line(source, 60)}: expected a column or a list, found a {type(given).__name__}"
        raise OptionError(msg)
    target = values.get("output", "")
    schema = evaluated(values["schema"], names, "--schema") if "schema" in values else None
    _checked_target(target, names, given)
    kept = {name: value for name, value in values.items() if name not in ("output", "schema", "jobs", "new", "quiet")}
    try:
        mapped = map_values(
            magics.session,
            magics.settings(),
            given,
            prompt,
            values_of=kept,
            schema=schema,
            names=names,
            jobs=values.get("jobs", JOBS),
            fresh=bool(values.get("new")),
            show=not values.get("quiet"),
        )
    except (DeepSeekError, Interrupted) as error:
        if isinstance(error.reply, Mapped):
            _bind(shell, target, error.reply, has_fields=schema is not None)
        raise
    _bind(shell, target, mapped, has_fields=schema is not None)
    if not values.get("quiet"):
        print(mapped.summary())
    return mapped


def _unquoted(prompt: str) -> str:
    """Return ``prompt`` without the quotes around the whole of it."""
    text = prompt.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and text[0] not in text[1:-1]:
        return text[1:-1]
    return prompt


def _checked_target(target: str, names: Mapping[str, Any], given: Any) -> None:
    """Refuse a target that the results could not be put into, before anything is paid for.

    Raises:
        OptionError: it is neither a variable's name nor a column of a frame with as many rows.
    """
    found = _TARGET.match(target)
    if not target or (found and not (found[2] or found[4])):
        return
    frame = names.get(found[1]) if found else None
    if found is None or not hasattr(frame, "columns") or not hasattr(frame, "__setitem__"):
        msg = f"-o {one_line(target, 60)}: expected a variable's name, or FRAME.column of a DataFrame"
        raise OptionError(msg)
    if len(frame) != len(given):  # type: ignore[arg-type]  # it has columns
        msg = f"-o {one_line(target, 60)}: the frame has {len(frame)} rows, and there are {len(given)} values"  # type: ignore[arg-type]
        raise OptionError(msg)


def _bind(shell: Any, target: str, mapped: Mapped, *, has_fields: bool) -> None:
    """Put the results where the user wants them: into a variable, or into a column (or several) of a frame."""
    found = _TARGET.match(target) if target else None
    if found is None:
        return
    column = found[2] or found[4]
    labelled = mapped.index is not None and importlib.util.find_spec("pandas") is not None
    if column:
        frame = shell.user_ns[found[1]]
        if has_fields:
            for name, values in _columns(mapped).items():
                frame[f"{column}_{name}" if name != "value" else column] = values
        else:
            frame[column] = list(mapped)
    elif labelled:
        shell.user_ns[found[1]] = mapped.to_frame() if has_fields else mapped.to_series()
    else:
        shell.user_ns[found[1]] = list(mapped)


def _columns(mapped: Mapped) -> dict[str, Sequence[Any]]:
    frame = mapped.to_frame()
    return {name: list(frame[name]) for name in frame.columns}
