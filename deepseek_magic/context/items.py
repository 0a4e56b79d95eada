"""What context is made of: items, each a titled piece that stands beside the question."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of context.

    Attributes:
        kind: what it is; the name of one of `deepseek_magic.context.sources.KINDS`.
        title: a few words that name it to the model and in the receipt, like ``cell [3]`` or ``df``; plain text.
        text: what the model is shown, before secrets are masked and before it is cut to the budget.
        notes: what the user should know about it, each one line: that the cell was edited since, for example.
        image: a PNG or JPEG file for a model that sees, where the item is a picture.
        secrets_file: the text is a file that is kept for secrets, as ``.env`` is.
    """

    kind: str
    title: str
    text: str
    notes: tuple[str, ...] = ()
    image: bytes = b""
    secrets_file: bool = False
