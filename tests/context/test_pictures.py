"""Pictures as bytes: what is one, how it is drawn, and which was the last."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from deepseek_magic.api.images import image_part
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


def grey(value) -> list[int]:
    image = Image.open(io.BytesIO(picture_of(value, "it")))
    assert image.mode == "L"
    return list(image.tobytes())


@pytest.mark.parametrize(
    ("array", "wanted"),
    [
        (np.array([[0, 1000, 4000]], np.uint16), [0, 64, 255]),
        (np.array([[0, 32768, 65535]], np.uint16), [0, 128, 255]),
        (np.array([[3, 128, 255]], np.uint16), [3, 128, 255]),
        (np.array([[-100, 0, 100]], np.int32), [0, 128, 255]),
        (np.array([[70000, 70000]], np.int32), [0, 0]),
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 128.0, 255.0]], np.float32), [0, 128, 255]),
        (np.array([[-2.0, 0.0, 2.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 1e6]], np.float32), [0, 255]),
    ],
)
def test_values_of_more_than_eight_bits_are_scaled(array, wanted):
    assert all(abs(got - value) <= 1 for got, value in zip(grey(Image.fromarray(array)), wanted, strict=True))


def test_a_value_that_is_no_number_costs_only_itself():
    assert grey(Image.fromarray(np.array([[0.0, np.nan, 1.0]], np.float32)))[0] == 0


def test_a_photograph_is_upright():
    image = Image.new("RGB", (3, 2))
    image.getexif()[0x0112] = 6  # turned by 90 degrees
    assert Image.open(io.BytesIO(picture_of(image, "it"))).size == (2, 3)


@pytest.mark.parametrize(
    ("name", "kind", "mode"),
    [
        ("a.bmp", "BMP", "RGB"),
        ("a.TIF", "TIFF", "RGB"),
        ("a.tiff", "TIFF", "I;16"),
        ("a.png", "TIFF", "L"),
        ("a.ico", "ICO", "RGBA"),
    ],
)
def test_files_of_other_formats_become_png(tmp_path, name, kind, mode):
    Image.new(mode, (32, 32)).save(tmp_path / name, format=kind)
    image = Image.open(io.BytesIO(picture_of(tmp_path / name, "it")))
    assert (image.format, image.size) == ("PNG", (32, 32))


def test_a_file_of_several_pages_is_refused(tmp_path):
    pages = [Image.new("L", (3, 2)), Image.new("L", (3, 2), 9)]
    pages[0].save(tmp_path / "scan.tiff", save_all=True, append_images=pages[1:])
    with pytest.raises(QuestionError, match=r"scan\.tiff holds 2 pages"):
        picture_of(tmp_path / "scan.tiff", "it")


def test_a_file_that_is_no_image_goes_on_to_be_refused(tmp_path):
    (tmp_path / "a.bmp").write_bytes(b"text")
    data = picture_of(tmp_path / "a.bmp", "it")
    with pytest.raises(QuestionError, match="is not supported"):
        image_part(data)


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
