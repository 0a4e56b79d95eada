"""Finds secrets in what is about to leave the machine or to be saved, and masks them.

`Guard` is all that others use, with `safe_cut` and `mask_spans` for those who shorten what it has cleaned,
and `is_secrets_file` for those who read files.
"""

from __future__ import annotations

from .cleaning import Cleaned, Finding, Guard, Mode
from .masks import mask_spans, safe_cut
from .secrets_files import is_secrets_file

__all__ = ["Cleaned", "Finding", "Guard", "Mode", "is_secrets_file", "mask_spans", "safe_cut"]
