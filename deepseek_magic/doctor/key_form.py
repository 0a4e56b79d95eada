"""Check the key: where it comes from, and whether it looks like one. Its value is never shown."""

from __future__ import annotations

import re

from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.urls import host_of, is_deepseek

from .findings import Finding

_FORM = re.compile(r"sk-[0-9a-f]{32}")


def check(settings: Settings) -> Finding:
    """Return the finding on the key in ``settings``, without asking the endpoint."""
    key, url = settings.key, settings.base_url
    if key is None and settings.lacks_key:
        remedy = settings.key_refused or (
            "set the variable DEEPSEEK_API_KEY, run %deepseek_login, or try it without one by %deepseek_demo"
        )
        return Finding("key", "wrong", f"there is none for {host_of(url)}", remedy)
    if key is None:
        return Finding("key", "fine", f"none for {host_of(url)}, which may not need one")
    if is_deepseek(url) and not _FORM.fullmatch(key.secret.reveal()):
        return Finding(
            "key",
            "look",
            f"from {key.source}, not of the form that DeepSeek's keys have (sk- and 32 letters and digits)",
            "if it is refused, copy the whole key again",
        )
    form = "of DeepSeek's form" if is_deepseek(url) else "of a form that is not checked"
    return Finding("key", "fine", f"from {key.source}, {form}")
