"""`Item`: one titled piece of the context that is sent with a question."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of context.

    Attributes:
        kind: the name of one of `deepseek_magic.context.sources.KINDS`.
        title: a few words that name it to the model and in the receipt, such as ``cell [3]`` or ``df``; plain text.
        text: the text for the model, before secrets are masked and before it is cut to the budget.
        notes: notes for the user, one line each: that the cell was edited since, for example.
        image: the bytes of a PNG or JPEG file, if the item is a picture.
        secrets_file: whether the text is a file kept for secrets, such as ``.env``.
    """

    kind: str
    title: str
    text: str
    notes: tuple[str, ...] = ()
    image: bytes = b""
    secrets_file: bool = False
