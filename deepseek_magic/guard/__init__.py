"""Find and mask secrets in text that is about to be sent or saved.

`Guard` cleans any text. Code that describes values passes each piece to a `Redactor`, with its name if it has one;
`classify_label` is the quick check before that. Code that shortens cleaned text uses `safe_cut` and `mask_spans`, and
code that reads files `is_secrets_file`.
"""

from __future__ import annotations

from .cleaning import Cleaned, Guard, MaskedSecret, Mode
from .masks import mask_spans, safe_cut
from .redactor import NOTHING_MASKED, Redactor
from .secret_names import classify_label
from .secrets_files import is_secrets_file

__all__ = [
    "NOTHING_MASKED",
    "Cleaned",
    "Guard",
    "MaskedSecret",
    "Mode",
    "Redactor",
    "classify_label",
    "is_secrets_file",
    "mask_spans",
    "safe_cut",
]
