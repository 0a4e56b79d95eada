"""Parse CommonMark and GFM incrementally into blocks and inline trees; each line is read once.

``markdown.markdown(text, extensions=["deepseek_magic.commonmark"])`` gives its HTML.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "makeExtension":
        from .extension import makeExtension  # it imports Python-Markdown, which the parsers do not need

        return makeExtension
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
