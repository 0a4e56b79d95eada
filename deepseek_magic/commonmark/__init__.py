"""CommonMark and GFM: markdown text becomes blocks and inline trees, while it grows, each line read once.

``markdown.markdown(text, extensions=["deepseek_magic.commonmark"])`` gives its HTML.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "makeExtension":
        from .extension import makeExtension  # the library must not be imported by those who only read markdown

        return makeExtension
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
