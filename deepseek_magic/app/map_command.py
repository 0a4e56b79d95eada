"""``%deepseek_map``: one prompt over the values of a column or list."""

from __future__ import annotations

from typing import Any

from deepseek_magic.batch.engine import JOBS, Job
from deepseek_magic.batch.results import Mapped
from deepseek_magic.batch.values import read
from deepseek_magic.errors import DeepSeekError, Interrupted, OptionError
from deepseek_magic.notebook.namespace import evaluated, own_names
from deepseek_magic.notebook.running import RunningNotebook
from deepseek_magic.render.progress import bar_for, no_bar, say, say_nothing
from deepseek_magic.text import counted, one_line, unlinked

from . import options, targets
from .commands import Call, Result
from .mapping import Wanted, job_of, map_values
from .options import MAP_OPTIONS

# Options that are not settings of the questions.
_OURS = ("output", "schema", "jobs", "new", "quiet", "dry_run")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def command(call: Call) -> Result:
    """Do what ``%deepseek_map SOURCE [options] prompt`` says; return the results.

    Raises:
        OptionError: the source, the target or an option is not understood.
        DeepSeekError, Interrupted: as `deepseek_magic.batch.engine.run`; what came by then is in the target.
    """
    session, kernel = call.session, call.kernel
    source, chosen, prompt = parsed(call.line, call.cell)
    names = own_names(kernel.shell, call.local_names)
    values = read(evaluated(source, names, "%deepseek_map"), f"%deepseek_map {one_line(source, 60)}")
    schema = evaluated(chosen["schema"], names, "--schema") if "schema" in chosen else None
    output, quiet = chosen.get("output", ""), bool(chosen.get("quiet"))
    target = targets.read(output, names, len(values.items)) if output else None
    asked = {name: value for name, value in chosen.items() if name not in _OURS}
    hidden = RunningNotebook(kernel.shell, session.environ).hidden
    wanted = Wanted(prompt, asked, schema, names, chosen.get("jobs", JOBS), bool(chosen.get("new")), hidden)
    if chosen.get("dry_run"):
        return Result(show=(rehearsal(job_of(session, call.config, values, wanted, say)),))
    progress = no_bar if quiet else bar_for(call.config["renderer"], kernel.front_end())
    try:
        mapped = map_values(session, call.config, values, wanted, progress=progress, say=say_nothing if quiet else say)
    except (DeepSeekError, Interrupted) as error:
        if target is not None and isinstance(error.reply, Mapped):
            target.bind(error.reply, kernel.shell.user_ns)
        raise
    if target is not None:
        target.bind(mapped, kernel.shell.user_ns)
    if (here := kernel.shown_here(quiet=quiet)) is not None:
        mapped.shown(here)
    kernel.keep_as_result(mapped)
    return Result(mapped, () if quiet else (mapped.summary(),))


def parsed(line: str, cell: str | None) -> tuple[str, dict[str, Any], str]:
    """Return the source, the options (which stand before it or after it) and the prompt of a line and its cell.

    Raises:
        OptionError: there is no source, or an option is not understood.
    """
    before = options.parse(line, MAP_OPTIONS)
    source, rest = _first_expression(before.text)
    if not source:
        msg = "%deepseek_map needs the values first, like: %deepseek_map df.review -o df.topic Classify: {value}"
        raise OptionError(msg)
    after = options.parse(rest, MAP_OPTIONS)
    chosen = {**before.values, **after.values}
    if stop := (*before.values.get("stop", ()), *after.values.get("stop", ())):
        chosen["stop"] = stop
    body = (cell or "").removesuffix("\n")
    return source, chosen, "\n\n".join(part for part in (_unquoted(after.text), body) if part)


def _first_expression(text: str) -> tuple[str, str]:
    """Return the expression that ``text`` begins with, up to a blank outside of brackets and quotes; and the rest."""
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
    """Return ``prompt`` without the quotes around the whole of it."""
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
