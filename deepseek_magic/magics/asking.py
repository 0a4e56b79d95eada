"""What happens between a magic and its question: settings, context, the question itself, and where the reply goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.prompt import selectors

from . import cards, sent
from .cells import is_result_of_a_magic, same_execution
from .conversations import checked_name
from .namespace import own_names
from .session import NOTHING, Told

if TYPE_CHECKING:
    from deepseek_magic.chat.reply import Reply

    from .extension import DeepSeek


def ask(magics: DeepSeek, text: str, values: Mapping[str, Any], local_names: Mapping[str, Any] | None) -> Reply | None:
    """Ask ``text``, show the reply, and bind it; what has arrived is bound also where the cell fails.

    Args:
        magics: the magics of the shell in which the user asks.
        text: the question as typed.
        values: the options of the question.
        local_names: the names of the function that the magic is called in, if any.

    Returns:
        The reply; ``None`` for a dry run, which only shows what would be sent.
    """
    shell: Any = magics.shell
    session, config = magics.session, magics.settings()
    if "chat" in values:
        checked_name(values["chat"], "--chat")
    asked, told = _gathered(magics, text, values, local_names)
    rehearsed, chat = bool(values.get("dry_run")), values.get("chat", "")
    cell = "" if rehearsed else magics.cells.identity(shell)
    question = session.question(asked, values, config, cell=cell, footer=magics.footer, told=told)
    if rehearsed:
        cards.show(sent.bundle(session.rehearse(question, chat), "This would be sent (a dry run: nothing was)"))
        return None
    quiet = bool(values.get("quiet"))
    wanted = "none" if quiet else magics.renderer
    name = values.get("output")
    try:
        reply: Reply = session.ask(
            question,
            lambda: session.screen.renderer(wanted, shell),
            chat=chat,
            shown_here=_shown_here(shell, quiet=quiet),
        )
    except (DeepSeekError, Interrupted) as error:
        if name and error.reply is not None:
            shell.user_ns[name] = error.reply
        raise
    if name:
        shell.user_ns[name] = reply
    if getattr(shell, "kernel", None) is None:
        shell.displayhook.update_user_ns(reply)  # its results are kept quiet there: see `extension.load`
    return reply


def _shown_here(shell: Any, *, quiet: bool) -> Callable[[], bool]:
    """Return what tells whether a reply need not be shown as a value.

    A streamed one is there already; a quiet one is not, but as the result of its own statement it stays quiet.
    """
    here = same_execution(shell)
    return (lambda: here() and is_result_of_a_magic()) if quiet else here


def _gathered(
    magics: DeepSeek, text: str, values: Mapping[str, Any], local_names: Mapping[str, Any] | None
) -> tuple[str, Told]:
    """Return ``text`` with its expressions replaced, and the context that its options or the settings ask for."""
    if specs := values.get("context", ()):
        wanted = selectors.chosen(specs, "--context")
    else:
        wanted = selectors.chosen([magics.context] if magics.context.strip() else [], "DeepSeek.context")
    variables = [name.strip() for joined in values.get("vars", ()) for name in joined.split(",")]
    raw = bool(values.get("raw")) or "{" not in text
    if raw and not wanted and not variables:
        return text, NOTHING
    from .gathering import Gatherer  # the readers of values and cells: most questions need none of them

    names = own_names(magics.shell, local_names)
    gatherer = Gatherer(magics.shell, names, magics.context_tokens)
    return gatherer.gather(text, wanted, variables, raw=raw)
