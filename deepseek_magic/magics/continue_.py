"""``%deepseek_continue``: go on with a reply that was cut or stopped, in the output that holds its beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepseek_magic.app import options
from deepseek_magic.settings.parameters import Changes

from . import cards
from .binding import bound
from .code_cells import offer
from .conversations import checked_name

if TYPE_CHECKING:
    from deepseek_magic.chat.reply import Reply
    from deepseek_magic.render.renderer import Renderer

    from .configuration import Configured


def go_on(magics: Configured, line: str) -> Reply:
    """Go on with the last reply; return the whole of it.

    Raises:
        OptionError: ``line`` holds something else than the options that make sense here.
        QuestionError: there is no reply that was cut.
        DeepSeekError, Interrupted: as for a question; what has come by then is kept and can be gone on with again.
    """
    values = options.parse_alone(line, "continue", "%deepseek_continue", ", and no text: ask again for anything else")
    shell: Any = magics.shell
    chat = checked_name(values["chat"], "--chat") if "chat" in values else ""
    quiet = bool(values.get("quiet"))
    wanted = "none" if quiet else magics.settings()["renderer"]
    conversation = magics.session.conversation(chat)
    begun = len(conversation.last_ending.text) if conversation.last_ending else 0
    shown: list[tuple[str, Renderer]] = []

    def renderer(place: str) -> Renderer:
        shown.append((place, magics.session.screen.renderer(wanted, magics.kernel.front_end(), place)))
        return shown[0][1]

    reply = bound(
        shell,
        values.get("output"),
        lambda: magics.session.resume(
            {name: value for name, value in values.items() if name in Changes.__annotations__},
            renderer,
            chat=chat,
            shown_here=magics.kernel.shown_here(quiet=quiet),
        ),
    )
    if reply.value is not None and "output" in values:
        shell.user_ns[values["output"]] = reply.value
    if conversation.outcome.is_code:
        offer(shell, reply.code, cut=conversation.can_go_on)
    if any(place and place == one.display_id for place, one in shown):
        # A page that was reloaded does not know that output any more: the whole reply stands here too, folded.
        added = max(0, len(reply.text) - begun)
        cards.show(cards.folded(f"The reply above goes on: {added:,} characters more. The whole of it:", reply))
    magics.kernel.keep_as_result(reply)
    return reply
