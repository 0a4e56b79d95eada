"""Figures, images, and models of pydantic."""

from __future__ import annotations

import functools
from pathlib import Path

import pydantic
import pytest
from matplotlib.figure import Figure
from PIL import Image

from deepseek_magic.description import describe as describe_in_time
from deepseek_magic.description import title_of

#: With time enough that a busy machine changes no word.
describe = functools.partial(describe_in_time, deadline=60)


class Order(pydantic.BaseModel):
    number: int
    tags: list[str] = []
    secret: pydantic.SecretStr
    hidden: str = pydantic.Field("x", repr=False)


def figure() -> Figure:
    """Two axes: lines with a legend, points and bars with a title."""
    made = Figure()
    made.suptitle("Both")
    left, right = made.subplots(1, 2)
    left.plot([1, 2, 3], [4, 5, 6], label="sales")
    left.set_xlabel("month")
    left.set_xlim(0, 4)
    left.set_ylim(1, 10)
    left.set_yscale("log")
    left.legend()
    right.scatter([1, 2], [3, 4])
    right.bar([1, 2], [3, 4])
    right.imshow([[1, 2, 3]])
    right.set_title("B")
    right.set_xlim(0, 1)
    right.set_ylim(0, 1)
    return made


def test_a_figure_is_told_by_what_is_drawn() -> None:
    assert describe(figure()).splitlines() == [
        "matplotlib Figure with 2 axes, title 'Both'",
        "axes without a title",
        "  x: 'month', 0 to 4, linear",
        "  y: no label, 1 to 10, log",
        "  legend: 'sales'",
        "  line 'sales' of 3 points from (1, 4) to (3, 6)",
        "axes 'B'",
        "  x: no label, 0 to 1, linear",
        "  y: no label, 0 to 1, linear",
        "  2 patches (bars or areas)",
        "  PathCollection of 2 points",
        "  image of shape (1, 3)",
    ]
    assert title_of(figure(), "fig") == "fig (Figure, with 2 axes)"


def test_axes_are_told_alone() -> None:
    assert describe(figure().axes[0]).splitlines()[:2] == ["matplotlib Axes", "axes without a title"]


def test_an_image_is_told_and_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    Image.new("RGB", (640, 480)).save(path)
    with Image.open(path) as image:
        assert describe(image) == "PIL image (PngImageFile), 640 × 480 pixels, mode RGB, format PNG"
        path.write_bytes(b"")
        assert title_of(image, "i") == "i (PngImageFile, 640 × 480 RGB)"


def test_a_pydantic_model_is_told_by_its_fields_and_keeps_its_secrets() -> None:
    order = Order(number=3, secret=pydantic.SecretStr("hunter2"), hidden="hunter3")
    assert describe(order) == (
        "Order (pydantic model) with fields:\n- number: 3\n- tags: []\n- secret: SecretStr('**********')"
    )
    assert "hunter" not in describe([order], tokens=2_000)


@pytest.mark.parametrize("value", [Order])
def test_the_class_of_a_model_is_told_by_its_source(value: type) -> None:
    assert describe(value).startswith("class Order(BaseModel) of module ")
    assert "    number: int\n    tags: list[str] = []\n" in describe(value)
