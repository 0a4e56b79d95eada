"""Pictures for a model that sees: figures, images, image files, and what the last plot looked like."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from deepseek_magic.errors import QuestionError
from deepseek_magic.text import one_line

_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_DOTS_PER_INCH = 100
# A larger file is refused by the endpoint in any case (its vision guide: 48 MiB for the whole request).
_MOST_BYTES = 32 * 1024 * 1024


def picture_of(value: object, name: str) -> bytes | None:
    """Return ``value`` as the bytes of an image file, or ``None`` where it is not a picture.

    Pictures are PIL images, matplotlib figures and axes, and paths (text or `Path`) that end like an image file's and
    lead to one.

    Args:
        value: anything; nothing is imported for it.
        name: what the user calls it, for the error.

    Raises:
        QuestionError: it is a picture that cannot be drawn or read.
    """
    figure = _figure_of(value)
    try:
        if figure is not None:
            return _saved(lambda file: figure.savefig(file, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight"))
        if _is(value, "PIL.Image", "Image"):
            image: Any = value
            return _saved(lambda file: _opaque(image).save(file, format="PNG"))
        if issubclass(type(value), (str, Path)):
            path = str(value)
            return _read(Path(path).expanduser()) if len(path) < 4096 and path.lower().endswith(_ENDINGS) else None
    except QuestionError:
        raise
    except Exception as error:  # noqa: BLE001  # drawing runs the user's and a library's code
        msg = f"{one_line(name, 60)} cannot be made into an image ({type(error).__name__}: {one_line(str(error), 80)})"
        raise QuestionError(msg) from None
    return None


def last_figure(names: Mapping[str, Any], shown: Iterable[bytes]) -> tuple[str, bytes]:
    """Return the title and the image of the last figure: an open one, the last that was shown, or one with a name.

    Args:
        names: the user's own names and values.
        shown: the images that were displayed, newest first.

    Raises:
        QuestionError: there is none.
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
    """Return whether ``value`` is of the class ``name`` of a ``module`` that is imported already."""
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and issubclass(type(value), kind)


def _figure_of(value: object) -> Any:
    """Return the matplotlib figure that ``value`` is or belongs to, or ``None``."""
    if _is(value, "matplotlib.figure", "Figure"):
        return value
    if _is(value, "matplotlib.axes", "Axes"):
        return getattr(value, "figure", None)
    return None


def _opaque(image: Any) -> Any:
    """Return a PIL image in a mode that PNG knows."""
    if image.mode == "I":
        return image.convert("I;16")  # Pillow 13 no longer writes the 32 bits as 16
    return image if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else image.convert("RGB")


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
    return path.read_bytes()
