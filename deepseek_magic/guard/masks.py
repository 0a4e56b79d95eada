"""What stands where a secret stood: ``[masked: AWS key]``, how to find it again, and where a text may be cut."""

from __future__ import annotations

import re

#: Every kind of secret apart from ``value of NAME``. The list is closed: a text that only looks like a mask, with a
#: secret inside its brackets, is no mask and hides nothing from the search.
KINDS = (
    *("password", "password hash", "password in a URL", "connection string", "secret", "secret key", "key", "token"),
    *("API key", "private key", "credentials", "session", "cookie", "JSON web token", "authorization", "webhook"),
    *("key of the endpoint", "value of a variable", "AI service key", "developer token", "cloud key", "payment key"),
    *("messaging token", "DeepSeek key", "OpenAI key", "Anthropic key", "OpenRouter key", "Hugging Face token"),
    *("AWS key", "AWS secret key", "Google key", "Google token", "Azure key", "Alibaba key", "Databricks token"),
    *("GitHub token", "GitLab token", "npm token", "PyPI token", "Slack token", "Discord token", "Telegram token"),
    *("Stripe key", "Twilio key", "SendGrid key", "Mailgun key", "Mailchimp key", "Shopify token", "Square token"),
    *("Vault token", "Atlassian token", "Airtable token", "age key"),
)

_LONGEST = 140  # of a mask, in characters
_MASK = re.compile(
    r"\[masked: (?P<kind>"
    + "|".join(sorted(map(re.escape, KINDS), key=len, reverse=True))
    + r"|value of (?P<name>[A-Za-z_][A-Za-z0-9_]{0,99}))(?: [0-9]{1,5})?\]"
)
#: Fills the place of a mask while the rest is searched: no letter, no digit, no white space, no punctuation.
FILL = "\ue000"


def mask(kind: str, number: int = 1) -> str:
    """Return the mask of the ``number``-th secret of its ``kind``."""
    return f"[masked: {kind}]" if number == 1 else f"[masked: {kind} {number}]"


def masks(text: str) -> list[tuple[int, int, str, str]]:
    """Return start, end, kind and, for the value of a variable, its name, of each mask in ``text``."""
    if "[masked: " not in text:
        return []
    return [(*found.span(), found["kind"], found["name"] or "") for found in _MASK.finditer(text)]


def mask_spans(text: str) -> list[tuple[int, int]]:
    """Return where each mask in ``text`` starts and ends, in order."""
    return [(start, end) for start, end, _, _ in masks(text)]


def safe_cut(text: str, place: int, *, forward: bool = False) -> int:
    """Return the place nearest to ``place`` where ``text`` can be cut without cutting a mask.

    That is ``place`` itself, or the start of the mask that it falls into, or with ``forward`` that mask's end.
    """
    place = max(0, min(place, len(text)))
    window = max(0, place - _LONGEST)
    for start, end in mask_spans(text[window : place + _LONGEST]):
        if window + start < place < window + end:
            return window + (end if forward else start)
    return place
