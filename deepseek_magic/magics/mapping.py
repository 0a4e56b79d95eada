"""``%deepseek_map``: one prompt over the values of a column or list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deepseek_magic.app import targets
from deepseek_magic.app.commands import Call, Result
from deepseek_magic.app.mapping import Wanted, hidden_in, job_of, map_values, parsed, rehearsal
from deepseek_magic.batch.engine import JOBS
from deepseek_magic.batch.results import Mapped
from deepseek_magic.batch.values import read
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.notebook.namespace import evaluated, own_names
from deepseek_magic.render.progress import bar_for, no_bar, say_nothing
from deepseek_magic.text import one_line

# Options that are not settings of the questions.
_OURS = ("output", "schema", "jobs", "new", "quiet", "dry_run")


def magic(call: Call) -> Result:
    """Do what ``%deepseek_map SOURCE [options] prompt`` says; return the results.

    Raises:
        OptionError: the source, the target or an option is not understood.
        DeepSeekError, Interrupted: as `deepseek_magic.batch.engine.run`; what came by then is in the target.
    """
    shell: Any = call.kernel.shell
    source, chosen, prompt = parsed(call.line, call.cell)
    names = own_names(shell, call.local_names)
    values = read(evaluated(source, names, "%deepseek_map"), f"%deepseek_map {one_line(source, 60)}")
    schema = evaluated(chosen["schema"], names, "--schema") if "schema" in chosen else None
    output, quiet = chosen.get("output", ""), bool(chosen.get("quiet"))
    target = targets.read(output, names, len(values.items)) if output else None
    asked = {name: value for name, value in chosen.items() if name not in _OURS}
    wanted = Wanted(prompt, asked, schema, names, chosen.get("jobs", JOBS), bool(chosen.get("new")), hidden_in(shell))
    say: Callable[[str], object] = say_nothing if quiet else print
    if chosen.get("dry_run"):
        print(rehearsal(job_of(call.session, call.config, values, wanted, print)))
        return Result()
    progress = no_bar if quiet else bar_for(call.config["renderer"], call.kernel.front_end())
    try:
        mapped = map_values(call.session, call.config, values, wanted, progress=progress, say=say)
    except (DeepSeekError, Interrupted) as error:
        if target is not None and isinstance(error.reply, Mapped):
            target.bind(error.reply, shell.user_ns)
        raise
    if target is not None:
        target.bind(mapped, shell.user_ns)
    say(mapped.summary())
    if (here := call.kernel.shown_here(quiet=quiet)) is not None:
        mapped.shown(here)
    call.kernel.keep_as_result(mapped)
    return Result(mapped)
