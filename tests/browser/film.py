"""A film of one part of a page while it changes, saved as a small GIF."""

from __future__ import annotations

import time
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator

#: Seconds between two frames at least, and for which the last one stays.
_FRAME = 0.1
_END = 4.0
_COLOURS = 128


class Film:
    """Takes pictures of ``subject``, which must be in view; it may grow."""

    def __init__(self, subject: Locator) -> None:
        self._subject = subject
        self._frames: list[tuple[float, bytes]] = []

    def roll(self) -> None:
        """Take a picture, if it is time; to be called again and again."""
        now = time.monotonic()
        box = self._subject.bounding_box()
        if box is not None and (not self._frames or now - self._frames[-1][0] >= _FRAME):
            self._frames.append((now, self._subject.page.screenshot(clip=box)))

    def save(self, path: Path) -> int:
        """Write the pictures that differ as an animation, each in the size of the last; return how many they are."""
        pictures = [(at, Image.open(BytesIO(data)).convert("RGB")) for at, data in self._frames]
        last = pictures[-1][1]
        _, paper = max(last.getcolors(last.width * last.height) or [(0, (255, 255, 255))])
        kept: list[tuple[float, Image.Image]] = []
        for at, picture in pictures:
            whole = Image.new("RGB", last.size, paper)
            whole.paste(picture)
            if not kept or whole.tobytes() != kept[-1][1].tobytes():
                kept.append((at, whole))
        palette = last.quantize(_COLOURS)
        first, *others = (picture.quantize(palette=palette, dither=Image.Dither.NONE) for _, picture in kept)
        lasting = [*(after[0] - before[0] for before, after in pairwise(kept)), _END]
        first.save(path, save_all=True, append_images=others, duration=[round(1000 * each) for each in lasting], loop=0)
        return len(kept)
