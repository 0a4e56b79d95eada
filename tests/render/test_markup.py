"""Markdown as models write it comes out as CommonMark and GFM would have it; what is ours is tested by itself."""

from __future__ import annotations

import pytest

from tests.render.shapes import SHAPES
from tests.render.trees import expected, ours


def test_shapes_are_enough() -> None:
    assert len(SHAPES) >= 150


@pytest.mark.parametrize("source", SHAPES.values(), ids=list(SHAPES))
def test_shape_is_what_markdown_it_makes_of_it(source: str) -> None:
    assert ours(source) == expected(source)
