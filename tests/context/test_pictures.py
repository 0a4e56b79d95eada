"""Pictures as bytes: what is one, how it is drawn, and which was the last."""

from __future__ import annotations

import io

import pytest
from matplotlib.figure import Figure
from PIL import Image

from deepseek_magic.context.pictures import last_figure, picture_of
from deepseek_magic.errors import QuestionError

PNG = b"\x89PNG\r\n\x1a\n"


def figure(width: float = 2) -> Figure:
    drawn = Figure(figsize=(width, 1))
    drawn.subplots().plot([1, 2])
    return drawn


@pytest.mark.parametrize(
    "value", [None, 1, "a.png", "text", b"\x89PNG", [figure()], Figure, Image, "a\x00.png", "x" * 9_999 + ".png"]
)
def test_what_is_no_picture(value):
    assert picture_of(value, "it") is None


def test_figures_and_axes_are_drawn():
    drawn = figure()
    for value in (drawn, drawn.axes[0]):
        assert Image.open(io.BytesIO(picture_of(value, "it"))).format == "PNG"


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "F", "I", "I;16", "HSV"])
def test_images_of_every_mode_become_png(mode):
    image = Image.open(io.BytesIO(picture_of(Image.new(mode, (3, 2)), "it")))
    assert (image.format, image.size) == ("PNG", (3, 2))


def test_files_are_read_as_they_are(tmp_path):
    path = tmp_path / "a.JPG"
    Image.new("RGB", (3, 2)).save(path, format="JPEG")
    assert picture_of(path, "it") == picture_of(str(path), "it") == path.read_bytes()
    assert picture_of(tmp_path / "none.png", "it") is None
    (tmp_path / "folder.png").mkdir()
    assert picture_of(tmp_path / "folder.png", "it") is None


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(33 << 20)
    with pytest.raises(QuestionError, match=r"large\.png is too large: expected at most 32 MiB"):
        picture_of(path, "it")


def test_what_cannot_be_drawn_is_one_line():
    broken = figure()
    broken.text(0, 0, "$\\nothing{$")
    with pytest.raises(QuestionError) as caught:
        picture_of(broken, "my\nfigure")
    assert str(caught.value).startswith("my figure cannot be made into an image (")
    assert str(caught.value).isprintable()


def test_the_last_figure_is_an_open_one_else_the_last_shown_else_one_with_a_name():
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    names = {"a": figure(), "b": 1, "c": figure(), "d": 2}
    try:
        assert last_figure(names, [b"new", b"old"]) == ("last figure shown", b"new")
        title, drawn = last_figure(names, [])
        assert (title, drawn[:8]) == ("figure c", PNG)
        pyplot.figure()
        title, drawn = last_figure(names, [b"new"])
        assert (title, drawn[:8]) == ("current figure", PNG)
    finally:
        pyplot.close("all")
    with pytest.raises(QuestionError, match="no figure has been drawn"):
        last_figure({"b": 1}, [])
