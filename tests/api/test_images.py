"""Images: formats told by their bytes, the documented limits, and who cannot see."""

from __future__ import annotations

import base64
import contextlib
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.dialects import DEEPSEEK, VLLM
from deepseek_magic.api.images import (
    MANY,
    MAX_BODY,
    MAX_IMAGES,
    MAX_SIDE,
    MAX_SIDE_OF_MANY,
    check_images,
    check_size,
    image_part,
)
from deepseek_magic.api.messages import ImagePart, Message, TextPart
from deepseek_magic.errors import QuestionError
from tests.requesting import chat


def png(width=3, height=2):
    def piece(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = piece(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + piece(b"IEND", b"")


def jpeg(width=3, height=2):
    """A JFIF segment, fill bytes, a Huffman table (whose marker is close to a frame's), then the frame."""
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x04JF\xff\xff\xc4\x00\x03x" + frame


def gif(width=3, height=2):
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00;"


def webp(width=3, height=2, kind=b"VP8 "):
    if kind == b"VP8 ":
        body = b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)
    elif kind == b"VP8L":
        body = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)
    else:
        body = b"\x00" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


MADE = [
    *(("png", png), ("jpeg", jpeg), ("gif", gif), ("webp", webp)),
    ("webp", lambda width=3, height=2: webp(width, height, b"VP8L")),
    ("webp", lambda width=3, height=2: webp(width, height, b"VP8X")),
]


@pytest.mark.parametrize(("kind", "make"), MADE)
def test_every_format_that_is_taken(kind, make):
    data = make()
    part = image_part(data, "low")
    assert (part.width, part.height, part.detail) == (3, 2, "low")
    head, _, coded = part.url.partition(",")
    assert head == f"data:image/{kind};base64"
    assert base64.b64decode(coded) == data


@pytest.mark.parametrize(("kind", "make"), MADE)
def test_a_side_that_is_too_long(kind, make):
    assert image_part(make(MAX_SIDE, 1)).width == MAX_SIDE
    with pytest.raises(QuestionError, match=f"1 x {MAX_SIDE + 1} pixels: expected sides of at most {MAX_SIDE}"):
        image_part(make(1, MAX_SIDE + 1))


@pytest.mark.parametrize("data", [b"", b"BM....", b"%PDF-1.7", b"<svg/>", b"RIFF....WAVE", b"II*\x00"])
def test_a_format_that_is_not_taken(data):
    with pytest.raises(QuestionError, match="expected JPEG, PNG, GIF or WebP"):
        image_part(data)


@pytest.mark.parametrize(("kind", "make"), MADE)
@given(cut=st.integers(0, 40), tail=st.binary(max_size=20))
def test_no_bytes_raise_anything_else(kind, make, cut, tail):
    data = make()[:cut] + tail
    with contextlib.suppress(QuestionError):
        assert image_part(data).url.startswith("data:image/")


def asked(*images, model="deepseek-flash", role="user"):
    return chat(model, (Message(role, (TextPart("What?"), *images)), Message("user", "And?")))


SMALL = ImagePart("https://a.example/b.png")


def test_what_is_within_the_limits_is_asked():
    assert check_images(asked(), DEEPSEEK) is None
    assert check_images(asked(model="deepseek-v4-pro"), DEEPSEEK) is None
    assert check_images(asked(*[SMALL] * MAX_IMAGES), DEEPSEEK) is None
    assert check_images(asked(SMALL, model="deepseek-v5"), DEEPSEEK) is None
    assert check_images(asked(*[SMALL] * (MAX_IMAGES + 1), model="m"), VLLM) is None
    wide = image_part(png(MAX_SIDE_OF_MANY + 1, 1))
    assert check_images(asked(wide, *[SMALL] * (MANY - 2)), DEEPSEEK) is None


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (asked(SMALL, model="deepseek-v4-pro"), "deepseek-v4-pro cannot see images"),
        (asked(SMALL, role="system"), "only in the user's messages"),
        (asked(*[SMALL] * (MAX_IMAGES + 1)), "601 images: expected at most 600"),
        (
            asked(image_part(png(MAX_SIDE_OF_MANY + 1, 1)), *[SMALL] * (MANY - 1)),
            "at most 4096 where there are 15 images or more",
        ),
    ],
)
def test_what_is_refused_before_it_is_sent(request_, words):
    with pytest.raises(QuestionError, match=words):
        check_images(request_, DEEPSEEK)


def test_a_body_that_is_too_large():
    whole = b"x" * MAX_BODY
    assert check_size(whole, DEEPSEEK) is None
    assert check_size(whole + b"x", VLLM) is None
    with pytest.raises(QuestionError, match="expected at most 48"):
        check_size(whole + b"x", DEEPSEEK)
