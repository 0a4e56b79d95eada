"""What happens between a magic and its question: settings, context, the question itself, and where the reply goes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deepseek_magic.chat.question import Prepared, Question
from deepseek_magic.context import selectors
from deepseek_magic.context.selectors import Selector
from deepseek_magic.notebook.namespace import own_names
from deepseek_magic.settings.keys import Environment

from . import cards
from .answer_format import form_of
from .binding import bound
from .code_cells import offer
from .conversations import checked_name

if TYPE_CHECKING:
    from deepseek_magic.chat.reply import Reply

    from .configuration import Configured


def ask(
    magics: Configured,
    text: str,
    values: Mapping[str, Any],
    local_names: Mapping[str, Any] | None,
    also: Sequence[Selector] = (),
    words: str | None = None,
) -> Reply | None:
    """Ask ``text``, show the reply, and bind it; what has arrived is bound also where the cell fails.

    Args:
        magics: the magics of the shell in which the user asks.
        text: the question as typed.
        values: the options of the question.
        local_names: the names of the function that the magic is called in, if any.
        also: context that goes along beside what the user asks for.
        words: what of ``text`` is the user's, where not all of it is.

    Returns:
        The reply; ``None`` for a dry run, which only shows what would be sent.
    """
    shell: Any = magics.shell
    session, config = magics.session, magics.settings()
    if "chat" in values:
        checked_name(values["chat"], "--chat")
    rehearsed, chat = bool(values.get("dry_run")), values.get("chat", "")
    cell = "" if rehearsed else magics.kernel.identity()
    question = session.question(text, values, config, cell=cell, footer=config["footer"])
    question = _with_context(question, magics, values, local_names, also, text if words is None else words)
    names = own_names(shell, local_names)
    form = form_of(question, shell, values, names, session.conversation(chat).marker)
    if rehearsed:
        _show_rehearsal(session.rehearse(form.question, chat, form.plan))
        return None
    quiet = bool(values.get("quiet"))
    reply = bound(
        shell,
        values.get("output"),
        lambda: session.ask(
            form.question,
            lambda: session.screen.renderer("none" if quiet else config["renderer"], magics.kernel.front_end()),
            chat=chat,
            shown_here=magics.kernel.shown_here(quiet=quiet),
            plan=form.plan,
        ),
        wants_value=form.is_value,
    )
    if form.is_code:
        offer(shell, reply.code, cut=session.conversation(chat).can_go_on)
    magics.kernel.keep_as_result(reply)
    return reply


def _show_rehearsal(prepared: Prepared) -> None:
    from . import sent  # as for `%deepseek_sent`: a question that is sent needs none of it

    cards.show(sent.bundle(prepared, "This would be sent (a dry run: nothing was)"))


def _with_context(
    question: Question,
    magics: Configured,
    values: Mapping[str, Any],
    local_names: Mapping[str, Any] | None,
    also: Sequence[Selector],
    words: str,
) -> Question:
    """Return ``question`` with its expressions replaced, and the context that its options or the settings ask for."""
    if specs := values.get("context", ()):
        wanted = selectors.chosen(specs, "--context")
    else:
        context = magics.settings()["context"]
        wanted = selectors.chosen([context] if context.strip() else [], "DeepSeek.context")
    wanted = tuple(dict.fromkeys((*also, *wanted)))
    variables = [name.strip() for joined in values.get("vars", ()) for name in joined.split(",")]
    raw = bool(values.get("raw")) or "{" not in question.text
    if raw and not wanted and not variables:
        return question
    # the readers of values and cells: most questions need none of them
    from deepseek_magic.chat.reply import Reply
    from deepseek_magic.context.gather import gather
    from deepseek_magic.context.reader import Reader
    from deepseek_magic.notebook.running import RunningNotebook

    reader = Reader(
        RunningNotebook(magics.shell, Environment(os.environ)),
        own_names(magics.shell, local_names),
        question.guard,
        tokens=question.settings.context_tokens,
        words=words,
        replies=(Reply,),
    )
    gathered = gather(question.text, reader, wanted, variables, raw=raw)
    return replace(
        question,
        text=gathered.text,
        context=gathered.items,
        replaced=gathered.replaced,
        notes=(*question.notes, *gathered.notes),
    )
