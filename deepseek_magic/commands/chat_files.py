"""``%deepseek_chat export``, ``import`` and ``restore``: conversations to files and out of them."""

from __future__ import annotations

from pathlib import Path

from deepseek_magic.app.chat_export import export
from deepseek_magic.app.chat_import import read
from deepseek_magic.app.chat_records import fill
from deepseek_magic.app.restoring import restored
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import OptionError
from deepseek_magic.settings.home import home_path
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.text import counted, one_line

from .call import Call, Result


def export_to(call: Call, rest: str) -> Result:
    """Write the conversation to the file that ``rest`` names.

    Raises:
        OptionError, QuestionError: as `deepseek_magic.app.chat_export.export`.
    """
    conversation, path = call.session.conversations.named(), f" {rest} "
    force, path = " --force " in path, path.replace(" --force ", " ", 1)
    place = _place(path, "export")
    count = counted(export(conversation, place, force=force), "turn")
    said = f"Conversation {conversation.name}: {count} written to {one_line(str(place), 120)}."
    return Result(show=(f"{said} The context that was sent is not in it.",))


def import_from(call: Call, rest: str) -> Result:
    """Read a conversation from the file that ``rest`` names, under that name.

    Raises:
        OptionError, QuestionError: as `deepseek_magic.app.chat_import.read`.
    """
    conversations, place = call.session.conversations, _place(rest, "import")
    records = read(place)
    made = Conversation(conversations.name_for(place.stem))
    masked = fill(made, records, call.session.guard_of(call.config))
    conversations.add(made)
    said = f"Conversation {made.name}: {counted(len(records.turns), 'turn')} from {one_line(place.name, 60)}, as text."
    if masked:
        said += f" {counted(masked, 'secret')} masked."
    if made.system:
        said += f" Its system text: {one_line(made.system, 200)!r}."
    return Result(show=(f"{said} Questions go there now.",))


def restore(call: Call) -> Result:
    """Read the conversations of the notebook's own file.

    Raises:
        QuestionError, SecretFound: as `deepseek_magic.app.restoring.restored`.
    """
    asking = resolve_asking({}, call.config, call.session.environ)
    return Result(show=(restored(call.session, asking, call.config, call.kernel),))


def _place(rest: str, word: str) -> Path:
    """Return the path that ``rest`` spells, in quotes or not."""
    path = rest.strip()
    if path[:1] in ("'", '"') and path[-1:] == path[:1]:
        path = path[1:-1]
    if not path:
        msg = f"%deepseek_chat {word}: expected the name of a file"
        raise OptionError(msg)
    return home_path(path)
