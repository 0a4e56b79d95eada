"""Make parts of a message from images, and check the limits of an endpoint with vision.

Source: DeepSeek's vision guide: JPEG, PNG, GIF or WebP; at most 600 images in a request; sides of at most 8,192 pixels,
4,096 with 15 images or more; the whole body at most 48 MiB. Other servers report their own limits.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

from deepseek_magic.errors import QuestionError
from deepseek_magic.text import one_line

from .dialects import Dialect
from .messages import Detail, ImagePart, Request

MAX_IMAGES = 600
MAX_SIDE = 8192
#: From this many images on, sides are limited to `MAX_SIDE_OF_MANY`.
MANY = 15
MAX_SIDE_OF_MANY = 4096
MAX_BODY = 48 * 1024 * 1024
#: The most tokens of one image.
IMAGE_TOKENS = 384

_FORMATS = "JPEG, PNG, GIF or WebP"


def image_part(data: bytes, detail: Detail | None = None) -> ImagePart:
    """Return the bytes of an image file as a part of a message. Its first bytes tell the format.

    Raises:
        QuestionError: its format is not accepted, it is too large, or its header is truncated.
    """
    for kind, begins, measure in _KINDS:
        if begins(data):
            try:
                width, height = measure(data)
            except (struct.error, IndexError):
                msg = f"the image is not a complete {kind.upper()} file: its header is cut off; save it again"
                raise QuestionError(msg) from None
            _check_sides(width, height, MAX_SIDE, "")
            return ImagePart(f"data:image/{kind};base64,{base64.b64encode(data).decode()}", detail, width, height)
    msg = f"the format of the image is not supported: expected {_FORMATS}"
    raise QuestionError(msg)


def check_images(request: Request, dialect: Dialect) -> None:
    """Refuse images that the endpoint would refuse or silently ignore, before anything is sent.

    Raises:
        QuestionError: the model cannot see, an image is in a message that is not the user's, or there are too many or
            too large ones.
    """
    with_parts = [message for message in request.messages if not isinstance(message.content, str)]
    images = [(message.role, image) for message in with_parts for image in message.images]
    if not images:
        return
    model = request.settings.model
    if dialect.sees(model) is False:
        msg = f"{one_line(model, 60)} cannot see images: choose a model that can, with -m deepseek-flash"
        raise QuestionError(msg)
    if any(role != "user" for role, _ in images):
        msg = "images are accepted only in the user's messages; move it into one"
        raise QuestionError(msg)
    if not dialect.deepseek:
        return
    if len(images) > MAX_IMAGES:
        msg = f"the conversation has {len(images)} images: expected at most {MAX_IMAGES}; start over with --new"
        raise QuestionError(msg)
    if len(images) >= MANY:
        for _, image in images:
            _check_sides(image.width, image.height, MAX_SIDE_OF_MANY, f" where there are {MANY} images or more")


def check_size(body: bytes, dialect: Dialect) -> None:
    """Refuse a body that is larger than DeepSeek accepts.

    Raises:
        QuestionError: the body is too large.
    """
    if dialect.deepseek and len(body) > MAX_BODY:
        msg = (
            f"the request has {len(body) >> 20} MiB: expected at most {MAX_BODY >> 20}; send fewer or smaller images, "
            "or start over with --new"
        )
        raise QuestionError(msg)


def _check_sides(width: int, height: int, most: int, where: str) -> None:
    if max(width, height) > most:
        msg = f"an image has {width} x {height} pixels: expected sides of at most {most}{where}; make it smaller"
        raise QuestionError(msg)


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def _webp(data: bytes) -> tuple[int, int]:
    """Read the canvas size from the first chunk: lossy, lossless or extended (Google's WebP container format)."""
    if data[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if data[12:16] == b"VP8L":
        (bits,) = struct.unpack("<I", data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if len(data) < 30:
        raise IndexError
    return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk the segments to the frame header (ITU T.81, annex B)."""
    place = 2
    while True:
        if data[place] != 0xFF:
            raise IndexError
        marker = data[place + 1]
        if marker == 0xFF:  # fill bytes
            place += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        else:
            (length,) = struct.unpack(">H", data[place + 2 : place + 4])
            place += 2 + max(2, length)


_KINDS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], tuple[int, int]]], ...] = (
    ("png", lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    ("jpeg", lambda data: data.startswith(b"\xff\xd8\xff"), _jpeg),
    ("gif", lambda data: data.startswith((b"GIF87a", b"GIF89a")), _gif),
    ("webp", lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP", _webp),
)
