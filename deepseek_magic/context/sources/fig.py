"""``-c fig``: the last figure, as an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepseek_magic.context.items import Item
from deepseek_magic.context.pictures import last_figure
from deepseek_magic.context.source import Kind, Source

if TYPE_CHECKING:
    from deepseek_magic.context.reader import Reader


def read(reader: Reader, _argument: object) -> list[Item]:
    """Return the last figure.

    Raises:
        QuestionError: there is none.
    """
    title, picture = last_figure(reader.names, reader.notebook.images)
    return [Item("figure", title, f"an image: {title}", image=picture)]


FIGURE = Kind("figure", changes=40, worth=50)
SOURCE = Source("fig", FIGURE, {"fig": "the last figure, for a model that sees images"}, read)
