"""House rules: the nearest ``deepseek.md``, else ``AGENTS.md``, from a folder up to the root of its repository."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from deepseek_magic.text import one_line

#: The files, the first of which counts where a folder holds both.
NAMES = ("deepseek.md", "AGENTS.md")
#: What goes along of such a file, in bytes.
MOST_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class HouseRules:
    """What was found: the file's name, and its text as it goes along, or in ``refused`` why it does not.

    ``left_out`` counts the bytes beyond `MOST_BYTES`.
    """

    name: str
    text: str = ""
    left_out: int = 0
    refused: str = ""

    @property
    def digest(self) -> str:
        """What this very text is recognised by."""
        return hashlib.sha256(f"{self.name}\0{self.text}".encode()).hexdigest()

    def system(self, own: str) -> str:
        """Return the system text: these rules, and below them ``own``, the user's."""
        rules = f"House rules of this project, from its file {self.name}:\n\n{self.text.strip()}"
        return f"{rules}\n\nEnd of the house rules.\n\n{own}" if own else rules


def find(folder: Path) -> HouseRules | None:
    """Return the rules that count in ``folder``; ``None`` if there are none, or the file is empty.

    Without a repository only the folder itself is looked at: what lies above it is not the user's project.
    """
    try:
        start = folder.resolve()
        root = next((one for one in (start, *start.parents) if (one / ".git").exists()), start)
        for place in (start, *start.parents):
            for name in NAMES:
                if (place / name).is_file():
                    return _read(place / name, root)
            if place == root:
                return None
    except (OSError, RuntimeError):  # a folder that may not be read, a link that leads in circles
        return None
    return None


def _read(place: Path, root: Path) -> HouseRules | None:
    name, real = place.name, place.resolve()
    if not real.is_relative_to(root):
        return HouseRules(name, refused="it is a link that leads out of the project")
    try:
        with real.open("rb") as file:
            data, size = file.read(MOST_BYTES), real.stat().st_size
    except OSError as error:
        return HouseRules(name, refused=f"it cannot be read ({one_line(error.strerror or '', 80)})")
    if size > len(data):
        data = data[: data.rfind(b"\n") + 1] or data
    try:
        text = data.decode("utf-8-sig", "strict" if size == len(data) else "ignore")
    except UnicodeDecodeError:
        return HouseRules(name, refused="it is not text in UTF-8")
    return HouseRules(name, text, size - len(data)) if text.strip() else None
