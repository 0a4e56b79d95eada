"""``%deepseek_continue``: go on with a reply that was cut or stopped, in the output that holds its beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepseek_magic.app import options
from deepseek_magic.chat.code_only import CodeOnly
from deepseek_magic.errors import OptionError

from . import cards
from .binding import bound, keep_as_result, shown_here
from .code_cells import offer
from .conversations import checked_name

if TYPE_CHECKING:
    from deepseek_magic.chat.reply import Reply
    from deepseek_magic.render.renderer import Renderer

    from .configuration import Configured

# What may be changed for the rest of a reply; all else stays as the question was asked.
_CHANGES = ("model", "max_tokens", "thinking", "timeout", "max_cost")
_ALSO = ("chat", "quiet", "output")


def go_on(magics: Configured, line: str) -> Reply:
    """Go on with the last reply; return the whole of it.

    Raises:
        OptionError: ``line`` holds something else than the options that make sense here.
        QuestionError: there is no reply that was cut.
        DeepSeekError, Interrupted: as for a question; what has come by then is kept and can be gone on with again.
    """
    parsed = options.parse(line)
    if parsed.text or not set(parsed.values) <= {*_CHANGES, *_ALSO}:
        known = ", ".join(f"--{name.replace('_', '-')}" for name in ("think", *_CHANGES[:2], *_CHANGES[3:], *_ALSO))
        msg = f"%deepseek_continue takes {known}, and no text: ask anew for anything else"
        raise OptionError(msg)
    shell: Any = magics.shell
    values = parsed.values
    chat = checked_name(values["chat"], "--chat") if "chat" in values else ""
    quiet = bool(values.get("quiet"))
    wanted = "none" if quiet else magics.renderer
    conversation = magics.session.conversation(chat)
    begun = len(conversation.last_ending.text) if conversation.last_ending else 0
    shown: list[tuple[str, Renderer]] = []

    def renderer(place: str) -> Renderer:
        shown.append((place, magics.session.screen.renderer(wanted, shell, place)))
        return shown[0][1]

    reply = bound(
        shell,
        values.get("output"),
        lambda: magics.session.resume(
            {field: values[field] for field in _CHANGES if field in values},
            renderer,
            chat=chat,
            shown_here=shown_here(shell, quiet=quiet),
        ),
    )
    if reply.value is not None and "output" in values:
        shell.user_ns[values["output"]] = reply.value
    if isinstance(conversation.steps, CodeOnly):
        offer(shell, reply.code, cut=conversation.can_go_on)
    if any(place and place == one.display_id for place, one in shown):
        # A page that was loaded anew does not know that output any more: the whole reply stands here too, folded.
        added = max(0, len(reply.text) - begun)
        cards.show(cards.folded(f"The reply above goes on: {added:,} characters more. The whole of it:", reply))
    keep_as_result(shell, reply)
    return reply
