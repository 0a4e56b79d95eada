"""``%deepseek_map``: one prompt over the values of a column or list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.app import options
from deepseek_magic.app.mapping import Wanted, job_of, map_values
from deepseek_magic.app.options import MAP_OPTIONS
from deepseek_magic.batch import sampling
from deepseek_magic.batch.engine import JOBS, Job
from deepseek_magic.batch.off_peak import wait
from deepseek_magic.batch.results import Mapped
from deepseek_magic.batch.values import Values, read
from deepseek_magic.errors import DeepSeekError, Interrupted, OptionError
from deepseek_magic.notebook.namespace import evaluated, own_names
from deepseek_magic.notebook.running import RunningNotebook
from deepseek_magic.render.progress import bar_for, no_bar, say, say_nothing, wait_bar
from deepseek_magic.text import counted, one_line, unlinked

from . import targets
from .call import Call, Result
from .cards import table

if TYPE_CHECKING:
    from deepseek_magic.render.progress import Progress

# Options that are not settings of the questions.
_OURS = ("output", "schema", "jobs", "fresh", "quiet", "dry_run", "when", "sample")
_VALUES_FIRST = "%deepseek_map needs the values first, like: %deepseek_map df.review -o df.topic Classify: {value}"
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def command(call: Call) -> Result:
    """Run ``%deepseek_map SOURCE [options] prompt``, and return the results.

    Raises:
        OptionError: the source, the target or an option is not understood.
        DeepSeekError, Interrupted: as `deepseek_magic.batch.engine.run`, or no value has a result; what came by then is
            in the target.
    """
    session, kernel = call.session, call.kernel
    source, chosen, prompt = parsed(call.line, call.cell)
    names = own_names(kernel.shell, call.local_names)
    values = read(_value_of(source, names), f"%deepseek_map {one_line(source, 60)}")
    schema = evaluated(chosen["schema"], names, "--schema") if "schema" in chosen else None
    output, quiet = chosen.get("output", ""), bool(chosen.get("quiet"))
    target = targets.read(output, names, len(values.items)) if output else None
    asked = {name: value for name, value in chosen.items() if name not in _OURS}
    hidden = RunningNotebook(kernel.shell, session.environ).hidden
    wanted = Wanted(prompt, asked, schema, names, chosen.get("jobs", JOBS), bool(chosen.get("fresh")), hidden)
    if chosen.get("dry_run"):
        return Result(show=(rehearsal(job_of(session, call.config, values, wanted, say)),))
    progress = no_bar if quiet else bar_for(call.config["renderer"], kernel.front_end())
    if chosen.get("when") == "off-peak" or "sample" in chosen:
        job = job_of(session, call.config, values, wanted, say_nothing)
        if chosen.get("when") == "off-peak":
            wait(job, no_bar if quiet else wait_bar(call.config["renderer"], kernel.front_end()), say)
        if "sample" in chosen and (places := sampling.chosen(job, session.store, chosen["sample"])):
            return _sampled(call, values, wanted, job, places, progress)
    try:
        mapped = map_values(session, call.config, values, wanted, progress=progress, say=say_nothing if quiet else say)
    except (DeepSeekError, Interrupted) as error:
        if target is not None and isinstance(error.reply, Mapped):
            target.bind(error.reply, kernel.shell.user_ns)
        raise
    if target is not None:
        target.bind(mapped, kernel.shell.user_ns)
    if mapped.errors and len(mapped.errors) + mapped.missing == len(mapped):
        failed = DeepSeekError(f"no value has a result: {mapped.summary()}; see its attribute errors")
        failed.reply = mapped
        raise failed
    if (here := kernel.shown_here(quiet=quiet)) is not None:
        mapped.shown(here)
    kernel.keep_as_result(mapped)
    return Result(mapped, () if quiet else (mapped.summary(),))


def _sampled(
    call: Call,
    values: Values,
    wanted: Wanted,
    job: Job,
    places: Sequence[int],
    progress: Callable[[int], Progress],
) -> Result:
    """Ask about only the values at ``places``, and show the results with the estimated cost of all."""
    few = Values([values.items[place] for place in places])
    mapped = map_values(call.session, call.config, few, wanted, progress=progress, say=say_nothing)
    shown = table(("at", "value", "result"), sampling.rows(values.items, places, mapped), "A random sample")
    call.kernel.keep_as_result(mapped)
    if (here := call.kernel.shown_here()) is not None:
        mapped.shown(here)
    return Result(mapped, (shown, mapped.summary(), sampling.cost_of_all(mapped, sampling.unique(job))))


def parsed(line: str, cell: str | None) -> tuple[str, dict[str, Any], str]:
    """Return the source, the options (before or after it) and the prompt in a line and its cell.

    Raises:
        OptionError: there is no source, or an option is not understood.
    """
    before = options.parse(line, MAP_OPTIONS)
    source, rest = first_expression(before.text)
    if not source:
        raise OptionError(_VALUES_FIRST)
    after = options.parse(rest, MAP_OPTIONS)
    chosen = {**before.values, **after.values}
    if stop := (*before.values.get("stop", ()), *after.values.get("stop", ())):
        chosen["stop"] = stop
    body = (cell or "").removesuffix("\n")
    if not after.ended and (stray := _options_in(after.text, body)):
        msg = (
            f"{one_line(stray, 60)} would be sent with each value: options come before the prompt (start the "
            "prompt with -- if this is intended)"
        )
        raise OptionError(msg)
    return source, chosen, "\n\n".join(part for part in (_unquoted(after.text), body) if part)


def _value_of(source: str, names: Mapping[str, Any]) -> Any:
    """Return the value of the expression ``source``: the values of a map.

    Raises:
        OptionError: it raises.
    """
    try:
        return evaluated(source, names, "%deepseek_map")
    except OptionError as error:
        if "did you mean" in str(error) or not source.isidentifier():
            raise
        msg = f"{error}; {_VALUES_FIRST}"
        raise OptionError(msg) from None


def _options_in(text: str, body: str) -> str:
    """Return the options at the end of a prompt; "" if there are none."""
    if " -" not in text and "-" not in body:
        return ""
    from .misplaced import at_end  # most prompts hold no dash

    lines = body.rstrip().splitlines()
    return at_end(text, MAP_OPTIONS) or (at_end(lines[-1], MAP_OPTIONS) if lines else "")


def first_expression(text: str) -> tuple[str, str]:
    """Return the expression at the beginning of ``text``, up to a blank outside brackets and quotes; and the rest."""
    text = text.lstrip()
    closing: list[str] = []
    quote = ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in _BRACKETS:
            closing.append(_BRACKETS[character])
        elif closing and character == closing[-1]:
            closing.pop()
        elif character.isspace() and not closing:
            return text[:place], text[place:]
    return text, ""


def _unquoted(prompt: str) -> str:
    """Return ``prompt`` without quotes around all of it."""
    text = prompt.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and text[0] not in text[1:-1]:
        return text[1:-1]
    return prompt


def rehearsal(job: Job) -> str:
    """Return how many of the values of ``job`` would be asked, what the prompts would cost, and the first of them."""
    unique = {prompt: prompt for prompt in job.prompts if prompt is not None}
    tokens, cost = job.estimate(unique)
    price = "" if cost is None else f", {cost} with the replies at their longest"
    count = counted(len(job.prompts), "value")
    text = f"This would ask {len(unique):,} of {count}: about {counted(tokens, 'token')} in{price}."
    for prompt in list(unique)[:1]:
        first = unlinked("\n\n".join(part for part in (job.settings.system, job.before + prompt) if part))
        text += f"\nThe first of them (a dry run: nothing was sent):\n\n{first}"
    return text
