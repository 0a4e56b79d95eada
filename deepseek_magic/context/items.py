"""What context is made of: items, each a titled piece that the model is told beside the question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: From what changes least between two questions to what changes most: in this order items are sent, so that the
#: endpoint's cache serves the part that stayed the same.
KINDS = ("file", "notebook", "cell", "figure", "variable", "error")
Kind = Literal["file", "notebook", "cell", "figure", "variable", "error"]


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of context.

    Attributes:
        kind: where it comes from; one of `KINDS`.
        title: a few words that name it to the model and in the receipt, like ``cell [3]`` or ``df``; plain text.
        text: what the model is told, before secrets are masked and before it is cut to the budget.
        notes: what the user should know about it, each one line: that the cell was edited since, for example.
        image: a PNG or JPEG file for a model that sees, where the item is a picture.
        secrets_file: the text is a file that is kept for secrets, as ``.env`` is.
    """

    kind: Kind
    title: str
    text: str
    notes: tuple[str, ...] = ()
    image: bytes = b""
    secrets_file: bool = False
