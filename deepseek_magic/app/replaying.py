"""Answer from kept replies (``--replay``), before anything needs a key or the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from deepseek_magic.chat.question import Question
from deepseek_magic.chat.summary import none_kept
from deepseek_magic.errors import DeepSeekError, NotKept, OptionError, QuestionError
from deepseek_magic.notebook.kernel import Kernel, notebook_path
from deepseek_magic.record.digest import Digest
from deepseek_magic.record.kept import Kept
from deepseek_magic.record.missing import NEAREST
from deepseek_magic.settings.asking import Asking

from .session import Session

#: Returns the kept reply to a request; ``None`` if there is none.
Find = Callable[[Digest], Kept | None]

_UNKNOWN = " (the notebook's file is not known here; a record always is: %config DeepSeek.record = 'answers.db')"


@dataclass(frozen=True, slots=True)
class Replaying:
    """How one question looks for its kept reply.

    Attributes:
        find: returns the kept reply; ``None`` if none is looked for.
        summary: returns a kept summary of earlier turns.
        missed: after a search, why a question that was asked before is asked again.
        notes: notices about kept replies that could not be used.
    """

    find: Find | None = None
    summary: Callable[[str], Kept | None] = none_kept
    missed: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def replaying(session: Session, question: Question, asking: Asking, kernel: Kernel) -> Replaying:
    """Return how ``question`` looks for its kept reply.

    The notebook's file is read once, when the kernel first looks: later the front end saves other outputs over it.

    Raises:
        OptionError: a fresh answer is asked for, and none from the network.
    """
    record = session.library.record = session.files.record(asking.record) if asking.record else None
    notes = () if record is None else session.once(record.notes)
    if asking.replay in ("", "off"):
        return Replaying(notes=notes)
    if asking.fresh:
        if asking.replay == "only":
            msg = "--fresh asks the endpoint, and --replay only never does: leave one of them out"
            raise OptionError(msg)
        return Replaying(notes=notes)
    library = session.library
    notes = (*notes, *_notebook_taken(session, kernel))
    missed: list[str] = []

    def find(digest: Digest) -> Kept | None:
        kept = library.find(digest.whole, question.cell, lambda one: digest.fits(one.parts))
        if kept is None and asking.replay == "only":
            unread = _UNKNOWN if library.record is None and _file_is_unknown(session, kernel) else ""
            msg = f"not asked (--replay only): {library.why_missing(digest)}{unread}; --replay auto asks the endpoint"
            raise NotKept(msg)
        if kept is None and (why := library.why_missing(digest)).startswith(NEAREST):
            missed.append(f"Asked, because {why}.")
        return kept

    return Replaying(find, lambda request: library.find(request, None), missed, notes)


def keep(session: Session, kept: Kept | None, asking: Asking, say: Callable[[str], object]) -> None:
    """Keep a reply that was asked for, in this kernel and in the record file; ``say`` what went wrong there.

    What has arrived and was paid for is not lost to a full disk: it is shown and bound all the same.
    """
    if kept is None:
        return
    if kept.summary is not None:
        keep(session, kept.summary, asking, say)
    asked_in = session.conversations.get(kept.conversation) if kept.conversation else None
    kept = kept if asked_in is None else replace(kept, system=asked_in.system)
    session.library.keep(kept)
    if session.library.record is not None and not asking.no_record:
        try:
            session.library.record.add(kept)
        except DeepSeekError as error:
            say(f"This reply is not in the record: {error}.")


def _file_is_unknown(session: Session, kernel: Kernel) -> bool:
    """Return whether the kernel does not know its notebook's file, as under nbconvert and papermill."""
    return kernel.shell is not None and notebook_path(kernel.shell, session.environ) is None


def _notebook_taken(session: Session, kernel: Kernel) -> tuple[str, ...]:
    """Add the replies of the notebook's file at the first call; return notices about it."""
    if not session.library.needs_notebook:
        return ()
    from deepseek_magic.notebook.saved_replies import saved_replies  # most questions never look

    path = None if kernel.shell is None else notebook_path(kernel.shell, session.environ)
    try:
        saved = [] if path is None or not path.is_file() else list(saved_replies(path))
    except QuestionError as error:
        session.library.take_notebook(())
        return (f"No reply of the notebook's file is used: {str(error).partition(': ')[0]}.",)
    return session.library.take_notebook(saved)
