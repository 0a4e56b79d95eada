"""Pictures for a model with vision: figures, images, image files, and the last plot."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from deepseek_magic.errors import QuestionError
from deepseek_magic.text import one_line

_ENDINGS = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp"),
    *(".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif", ".jp2", ".ico"),
)
# How files begin that the endpoint accepts (its vision guide): they are sent as they are. Others become PNG.
_TAKEN = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_DOTS_PER_INCH = 100
# The endpoint refuses larger files (its vision guide: 48 MiB for the whole request).
_MOST_BYTES = 32 * 1024 * 1024


def picture_of(value: object, name: str) -> bytes | None:
    """Return ``value`` as the bytes of an image file, or ``None`` if it is not a picture.

    Pictures are PIL images, matplotlib figures and axes, and paths (`str` or `Path`) of existing image files.

    Args:
        value: anything. No library is imported to examine it.
        name: its name, for the error.

    Raises:
        QuestionError: it is a picture, but cannot be drawn or read.
    """
    figure = _figure_of(value)
    try:
        if figure is not None:
            return _saved(lambda file: figure.savefig(file, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight"))
        if _is(value, "PIL.Image", "Image"):
            image: Any = value
            return _as_png(image)
        if issubclass(type(value), (str, Path)):
            path = str(value)
            return _read(Path(path).expanduser()) if len(path) < 4096 and path.lower().endswith(_ENDINGS) else None
    except QuestionError:
        raise
    except Exception as error:  # noqa: BLE001  # drawing runs code of the user and of a library
        msg = (
            f"{one_line(name, 60)} cannot be made into an image ({type(error).__name__}: "
            f"{one_line(str(error), 80)}): save it as a PNG file, and name that"
        )
        raise QuestionError(msg) from None
    return None


def last_figure(names: Mapping[str, Any], shown: Iterable[bytes]) -> tuple[str, bytes]:
    """Return the title and the image of the last figure: an open one, the last one shown, or one in a variable.

    Args:
        names: the user's own names and values.
        shown: the images that were displayed, newest first.

    Raises:
        QuestionError: there is no figure.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and pyplot.get_fignums():
        drawn = picture_of(pyplot.gcf(), "the current figure")
        if drawn:
            return "current figure", drawn
    for image in shown:
        return "last figure shown", image
    for name, value in reversed(list(names.items())):
        if _figure_of(value) is not None:
            drawn = picture_of(value, name)
            if drawn:
                return f"figure {name}", drawn
    msg = "-c fig: no figure has been drawn: plot something first, or name an image in the question as {image}"
    raise QuestionError(msg)


def _is(value: object, module: str, name: str) -> bool:
    """Return whether ``value`` is an instance of the class ``name`` of ``module``, if that is already imported."""
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and issubclass(type(value), kind)


def _figure_of(value: object) -> Any:
    """Return ``value`` if it is a matplotlib figure, or the figure of axes; else ``None``."""
    if _is(value, "matplotlib.figure", "Figure"):
        return value
    if _is(value, "matplotlib.axes", "Axes"):
        return getattr(value, "figure", None)
    return None


def _as_png(image: Any) -> bytes:
    """Return a PIL image as a PNG file, rotated according to its EXIF data."""
    from PIL import ImageOps  # already loaded: the image is one of PIL's

    upright = ImageOps.exif_transpose(image)
    return _saved(lambda file: _of_bytes(upright).save(file, format="PNG"))


def _of_bytes(image: Any) -> Any:
    """Return a PIL image in a mode of PNG with eight bits, scaled: larger values would all be white."""
    if image.mode.startswith("I") or image.mode == "F":
        values = image.convert("F")
        low, high = values.getextrema()
        most = 1.0 if image.mode == "F" and low >= 0 and high <= 1 else 255.0
        if not (low >= 0 and high <= most) and math.isfinite(high - low):
            scale = 255 / (high - low) if high > low else 0.0
            return values.point(lambda value: value * scale - low * scale).convert("L")
        return values.point(lambda value: value * (255 / most) + 0).convert("L")
    if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        return image
    return image.convert("RGBA" if image.mode in ("La", "PA", "RGBa") else "RGB")


def _saved(save: Any) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def _read(path: Path) -> bytes | None:
    if not path.is_file():
        return None
    if path.stat().st_size > _MOST_BYTES:
        msg = f"the image {one_line(path.name, 80)} is too large: expected at most {_MOST_BYTES // 2**20} MiB"
        raise QuestionError(msg)
    data = path.read_bytes()
    return data if data.startswith(_TAKEN) else _converted(data, path.name)


def _converted(data: bytes, name: str) -> bytes:
    """Return the file ``data`` as PNG; as it is if it cannot be read, so that the error can name the known formats."""
    try:
        from PIL import Image, UnidentifiedImageError  # optional, and few questions have such a file
    except ImportError:
        return data
    try:
        image = Image.open(io.BytesIO(data))
    except UnidentifiedImageError:
        return data
    if (pages := getattr(image, "n_frames", 1)) > 1:
        msg = f"the image {one_line(name, 80)} holds {pages} pages: open it with PIL, and name the page as {{image}}"
        raise QuestionError(msg)
    return _as_png(image)
