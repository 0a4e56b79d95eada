"""Find secrets in what is about to leave the machine or to be saved, and mask them.

`Guard` cleans any text. A `Redactor` is asked piece by piece by those who describe values, with the name where the name
is known; `classify_label` is its quick first question. `safe_cut` and `mask_spans` are for those who shorten what was
cleaned, `is_secrets_file` for those who read files.
"""

from __future__ import annotations

from .cleaning import Cleaned, Finding, Guard, Mode
from .masks import mask_spans, safe_cut
from .redactor import NOTHING_MASKED, Redactor
from .secret_names import classify_label
from .secrets_files import is_secrets_file

__all__ = [
    "NOTHING_MASKED",
    "Cleaned",
    "Finding",
    "Guard",
    "Mode",
    "Redactor",
    "classify_label",
    "is_secrets_file",
    "mask_spans",
    "safe_cut",
]
