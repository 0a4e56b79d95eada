"""``%deepseek`` and ``%%deepseek``: ask a question and show the reply, or show what would be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deepseek_magic.app import options
from deepseek_magic.app.ask import Ask, ask, rehearse
from deepseek_magic.app.session import Session
from deepseek_magic.errors import EmptyQuestion
from deepseek_magic.notebook.namespace import own_names
from deepseek_magic.render.progress import say, say_nothing
from deepseek_magic.settings.rows import Parameter

from .call import Call, Result
from .table import LINE_NAMES

_WOULD = "This would be sent (a dry run: nothing was)"

# Options whose values people separate by blanks.
_TORN = {"system", "context", "vars"}


def command(call: Call) -> Result:
    """Ask the question, or show the status card if there is none."""
    if call.cell is None and not call.line.strip():
        from .account import status

        return status(call)
    parsed = options.parse(call.line)
    # The line end that IPython adds to a cell is not part of it.
    body = (call.cell or "").removesuffix("\n")
    text = "\n\n".join(part for part in (parsed.text, body) if part)
    if not text.strip():
        if parsed.values.keys() == {"profile"}:
            from .account import status  # as above

            return status(replace(call, config={**call.config, **parsed.values}))
        raise EmptyQuestion(options.no_question(parsed.values))
    tell = say_nothing if parsed.values.get("quiet") else say
    look(call, parsed, body, tell)
    asked = Ask(text, parsed.values, call.config, call.kernel, call.local_names, by_cell=True, say=tell)
    return answered(call, asked)


def look(
    call: Call,
    parsed: options.ParsedLine,
    body: str,
    tell: Callable[[str], object],
    table: tuple[Parameter, ...] = options.OPTIONS,
) -> None:
    """Describe to the user what of a question looks like a slip: options given twice, or sent as part of the text."""
    for flag in parsed.twice:
        tell(f"{flag} was given twice: the last one counts")
    text = parsed.text
    is_likely = text and (len(text) < 12 or text[:1].isdecimal() or parsed.values.keys() & _TORN)
    if is_likely or "-" in text or "-" in body or "%" in body or "=" in text or "=" in body:
        from . import misplaced  # most questions hold none of these

        names = own_names(call.kernel.shell, call.local_names)
        for line in misplaced.notices(parsed, body, table, names, LINE_NAMES):
            tell(line)


def answered(call: Call, asked: Ask) -> Result:
    """Return the reply to ``asked``, or what would be sent if ``--dry-run`` was given."""
    if asked.options.get("compare"):
        return _compared(call.session, asked)
    if not asked.options.get("dry_run"):
        if asked.options.get("bg"):
            from deepseek_magic.app import away  # most questions are waited for

            return Result(away.start(call.session, asked))
        reply = ask(call.session, asked)
        conversation = call.session.conversations.latest
        if not conversation.outcome.is_code:
            return Result(reply)
        from deepseek_magic.app.code_cells import offer  # most answers are not code

        said = offer(call.session, call.kernel, reply.text, cut=conversation.can_go_on)
        return Result(reply, () if asked.options.get("quiet") else said)
    from . import sent  # as for `%deepseek_sent`: a question that is sent needs none of it

    return Result(show=(sent.card(rehearse(call.session, asked), _WOULD),))


def _compared(session: Session, asked: Ask) -> Result:
    """Return the answers to ``asked``, one for each of its columns, or what would be sent for them."""
    from deepseek_magic.app import comparing  # most questions are asked once

    columns = comparing.planned(session, asked)
    if not asked.options.get("dry_run"):
        return Result(comparing.answers(session, asked, columns))
    from . import sent  # as above

    return Result(show=tuple(sent.card(one, f"{title}. {_WOULD}") for title, one in comparing.rehearsed(columns)))
