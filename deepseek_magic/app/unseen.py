"""Notice a reply that no page shows, because its page was reloaded while it streamed, before any saving."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from deepseek_magic.errors import QuestionError
from deepseek_magic.notebook.kernel import Kernel, notebook_path


@dataclass(frozen=True, slots=True)
class Shown:
    """Where and when the last reply was shown.

    Attributes:
        client: the page that asked, as `Kernel.client` names it.
        cell_id: the cell in the notebook's file.
        execution: the execution count of the cell.
        ended: when it ended, in seconds since the epoch.
    """

    client: str
    cell_id: str
    execution: int
    ended: float = field(default_factory=time.time)


def note(before: Shown, kernel: Kernel, environ: Mapping[str, str]) -> str:
    """Return what to say of the reply ``before`` a question of ``kernel``; "" for nothing.

    The page does not say that it shows a reply. A page that was loaded again has another session, and shows what the
    file holds; only then is the file read.
    """
    if not before.cell_id or before.client in ("", kernel.client) or before.cell_id == kernel.cell_id:
        return ""
    from deepseek_magic.notebook.saved_file import read_notebook  # pages are seldom loaded again

    path = notebook_path(kernel.shell, environ)
    try:
        if path is None or read_notebook(path).holds_reply(before.cell_id, before.ended):
            return ""
    except QuestionError:
        return ""
    return (
        "The page was loaded again, and the reply before this one is not in the notebook's file: "
        f"%deepseek_chat show [{before.execution}] shows it."
    )
