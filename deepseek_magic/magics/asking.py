"""What happens between a magic and its question: settings, context, the question itself, and where the reply goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.chat.question import Question
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.prompt import selectors
from deepseek_magic.prompt.selectors import Selector

from . import cards
from .cells import is_result_of_a_magic, same_execution
from .code_cells import offer
from .conversations import checked_name
from .forms import form_of
from .namespace import own_names

if TYPE_CHECKING:
    from deepseek_magic.chat.reply import Reply

    from .configuration import Configured


def ask(
    magics: Configured,
    text: str,
    values: Mapping[str, Any],
    local_names: Mapping[str, Any] | None,
    also: Sequence[Selector] = (),
) -> Reply | None:
    """Ask ``text``, show the reply, and bind it; what has arrived is bound also where the cell fails.

    Args:
        magics: the magics of the shell in which the user asks.
        text: the question as typed.
        values: the options of the question.
        local_names: the names of the function that the magic is called in, if any.
        also: context that goes along beside what the user asks for.

    Returns:
        The reply; ``None`` for a dry run, which only shows what would be sent.
    """
    shell: Any = magics.shell
    session, config = magics.session, magics.settings()
    if "chat" in values:
        checked_name(values["chat"], "--chat")
    rehearsed, chat = bool(values.get("dry_run")), values.get("chat", "")
    cell = "" if rehearsed else magics.cells.identity(shell)
    question = session.question(text, values, config, cell=cell, footer=magics.footer)
    question = _with_context(question, magics, values, local_names, also)
    names = own_names(shell, local_names)
    form = form_of(question, shell, values, names, session.conversation(chat).marker)
    if rehearsed:
        from . import sent  # as for `%deepseek_sent`: a question that is sent needs none of it

        prepared = session.rehearse(form.question, chat, form.steps)
        cards.show(sent.bundle(prepared, "This would be sent (a dry run: nothing was)"))
        return None
    quiet = bool(values.get("quiet"))
    wanted = "none" if quiet else magics.renderer
    name = values.get("output")
    try:
        reply: Reply = session.ask(
            form.question,
            lambda: session.screen.renderer(wanted, shell),
            chat=chat,
            shown_here=shown_here(shell, quiet=quiet),
            steps=form.steps,
        )
    except (DeepSeekError, Interrupted) as error:
        if name and error.reply is not None and not form.is_value:  # a reply in place of a value would pass for it
            shell.user_ns[name] = error.reply
        raise
    if name:
        shell.user_ns[name] = reply.value if form.is_value else reply
    if form.is_code:
        offer(shell, reply.code, cut=session.conversation(chat).can_go_on)
    keep_as_result(shell, reply)
    return reply


def keep_as_result(shell: Any, reply: Reply) -> None:
    """Bind ``reply`` as ``_`` in a terminal, where results of magics are kept quiet (see `extension.load`)."""
    if getattr(shell, "kernel", None) is None:
        shell.displayhook.update_user_ns(reply)


def shown_here(shell: Any, *, quiet: bool) -> Callable[[], bool]:
    """Return what tells whether a reply need not be shown as a value.

    A streamed one is there already; a quiet one is not, but as the result of its own statement it stays quiet.
    """
    here = same_execution(shell)
    return (lambda: here() and is_result_of_a_magic()) if quiet else here


def _with_context(
    question: Question,
    magics: Configured,
    values: Mapping[str, Any],
    local_names: Mapping[str, Any] | None,
    also: Sequence[Selector],
) -> Question:
    """Return ``question`` with its expressions replaced, and the context that its options or the settings ask for."""
    if specs := values.get("context", ()):
        wanted = selectors.chosen(specs, "--context")
    else:
        wanted = selectors.chosen([magics.context] if magics.context.strip() else [], "DeepSeek.context")
    wanted = tuple(dict.fromkeys((*also, *wanted)))
    variables = [name.strip() for joined in values.get("vars", ()) for name in joined.split(",")]
    raw = bool(values.get("raw")) or "{" not in question.text
    if raw and not wanted and not variables:
        return question
    # the readers of values and cells: most questions need none of them
    from .gathering import Gatherer
    from .selecting import NotebookReader

    names, tokens = own_names(magics.shell, local_names), question.settings.context_tokens
    notebook = NotebookReader(magics.shell, names, tokens, question.guard)
    return Gatherer(notebook, names, tokens).gather(question, wanted, variables, raw=raw)
