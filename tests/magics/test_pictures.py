"""Pictures for a model that sees: the last figure, images in the question, and who cannot see them."""

from __future__ import annotations

import base64
import struct

import pytest

from tests.faults import FaultServer
from tests.magics.contexts import PREAMBLE, assert_refused, receipt

#: More variables of the kernel's environment.
KERNEL_ENVIRONMENT = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}


_PNG = b"\x89PNG\r\n\x1a\n"
_INLINE = "%matplotlib inline\nimport matplotlib.pyplot as plt"


@pytest.fixture
def server(server, kernel):
    yield server
    kernel.quietly(
        "import sys as _s\nif 'matplotlib.pyplot' in _s.modules: _s.modules['matplotlib.pyplot'].close('all')"
    )


def parts(server: FaultServer) -> tuple[str, list[bytes]]:
    """The text of the last message and the images beside it, as the endpoint documents them."""
    content = server.requests[-1].json["messages"][-1]["content"]
    first, *images = content
    assert set(first) == {"type", "text"}
    assert first["type"] == "text"
    data = []
    for part in images:
        assert set(part) == {"type", "image_url"}
        assert part["type"] == "image_url"
        assert set(part["image_url"]) == {"url"}
        kind, encoded = part["image_url"]["url"].split(";base64,")
        assert kind in ("data:image/png", "data:image/jpeg")
        data.append(base64.b64decode(encoded, validate=True))
    return first["text"], data


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(_PNG)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_last_figure_that_was_shown(kernel, server):
    kernel.run(_INLINE)
    shown = kernel.run("plt.plot([1, 2, 3]);")
    cell = kernel.run("%deepseek -c fig What is on it?")
    text, (image,) = parts(server)
    (block,) = [text.removeprefix(PREAMBLE)]
    assert block.startswith("\n\n<<<context m")
    assert " last figure shown\nan image: last figure shown\nm" in block
    assert block.endswith(">>>\n\nWhat is on it?")
    assert image == base64.b64decode(shown.displays[0].data["image/png"])
    assert receipt(cell).startswith("sent: last figure shown · about ")


def test_a_figure_that_is_still_open_goes_first(kernel, server):
    kernel.run(_INLINE)
    kernel.run("plt.plot([1, 2]);")
    kernel.run("%config InlineBackend.close_figures = False\nfig, ax = plt.subplots(figsize=(2, 1)); ax.plot([1, 2]);")
    kernel.run("%deepseek -c fig What is on it?")
    text, (image,) = parts(server)
    kernel.run("%config InlineBackend.close_figures = True")
    assert " current figure\n" in text
    assert max(size(image)) < 300


def test_a_figure_with_a_name_when_none_was_shown(kernel, server):
    kernel.run(
        "from matplotlib.figure import Figure\nchart = Figure(figsize=(3, 2))\nchart.add_subplot().plot([1, 2]);"
    )
    kernel.run("%deepseek -c fig What is on it?")
    text, (image,) = parts(server)
    assert " figure chart\n" in text
    assert size(image)[0] > size(image)[1] > 50


def test_images_in_the_question(kernel, server):
    kernel.run(
        "from PIL import Image\nimport pathlib\nred = Image.new('RGBA', (40, 20), 'red')\n"
        "red.save('red.png')\nImage.new('RGB', (30, 60)).save('photo.JPG', format='JPEG')\n"
        "path, photo = 'red.png', pathlib.Path('photo.JPG')\n"
        "cmyk = Image.new('CMYK', (8, 8))"
    )
    cell = kernel.run("%deepseek Compare {red}, {path}, {photo} and {cmyk}.")
    text, images = parts(server)
    assert text.endswith("\n\nCompare `red` (an image), `path` (an image), `photo` (an image) and `cmyk` (an image).")
    assert [size(image) for image in (images[0], images[1], images[3])] == [(40, 20), (40, 20), (8, 8)]
    assert images[2].startswith(b"\xff\xd8\xff")
    assert "sent: image red, image path, image photo, image cmyk, " in receipt(cell)


def test_axes_in_the_question(kernel, server):
    kernel.run("from matplotlib.figure import Figure\naxes = Figure(figsize=(3, 2)).add_subplot()")
    kernel.run("%deepseek What is on {axes}?")
    text, (image,) = parts(server)
    assert text.endswith("\n\nWhat is on `axes` (an image)?")
    assert image.startswith(_PNG)


def test_a_path_that_leads_to_no_image_is_text(kernel, server):
    kernel.run("path = 'nowhere.png'\nother = 'notes.txt'")
    kernel.run("%deepseek Is it {path} or {other}?")
    assert server.requests[-1].json["messages"][-1]["content"] == "Is it nowhere.png or notes.txt?"


def test_a_file_that_is_no_image_is_refused(kernel, server):
    (kernel.home / "broken.png").write_text("no image")
    kernel.run("path = 'broken.png'")
    line = "QuestionError: the format of the image is not supported: expected JPEG, PNG, GIF or WebP"
    assert_refused(kernel.run("%deepseek See {path}"), server, line)


def test_a_model_that_cannot_see_is_told_before_anything_is_sent(kernel, server):
    kernel.run(_INLINE + "\nplt.plot([1, 2]);")
    line = "QuestionError: deepseek-v4-pro cannot see images: choose a model that can, with -m deepseek-flash"
    assert_refused(kernel.run("%deepseek -m deepseek-v4-pro -c fig hi"), server, line)


def test_a_picture_is_not_sent_again_while_it_is_the_same(kernel, server):
    kernel.run(_INLINE + "\nplt.plot([1, 2]);")
    kernel.run("%deepseek -c fig one")
    kernel.run("%deepseek -c fig two")
    messages = server.requests[-1].json["messages"]
    assert [isinstance(message["content"], list) for message in messages] == [True, False, False]
    assert "unchanged since they were sent above\nlast figure shown" in messages[-1]["content"]
