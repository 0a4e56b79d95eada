"""House rules: the nearest ``deepseek.md``, else ``AGENTS.md``, from a folder up to the root of its repository."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from deepseek_magic.text import one_line

#: The names of the file; if a folder has both, the first counts.
NAMES = ("deepseek.md", "AGENTS.md")
#: The most bytes of the file that are sent.
MOST_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class HouseRules:
    """The file with the rules.

    Attributes:
        name: its name.
        text: the text that is sent.
        left_out: the number of bytes beyond `MOST_BYTES`, which are not sent.
        refused: why the file is not sent at all; "" if it is.
    """

    name: str
    text: str = ""
    left_out: int = 0
    refused: str = ""

    @property
    def digest(self) -> str:
        """A digest of the text, by which a change is noticed."""
        return hashlib.sha256(f"{self.name}\0{self.text}".encode()).hexdigest()

    def system(self, own: str) -> str:
        """Return the system text: these rules, followed by ``own``, the user's system text."""
        rules = f"House rules of this project, from its file {self.name}:\n\n{self.text.strip()}"
        return f"{rules}\n\nEnd of the house rules.\n\n{own}" if own else rules


def find(folder: Path) -> HouseRules | None:
    """Return the rules that apply in ``folder``; ``None`` if there are none, or the file is empty.

    Outside a repository, only the folder itself is searched: the folders above it are not the user's project.
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
    except (OSError, RuntimeError):  # an unreadable folder, or a loop of links
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
