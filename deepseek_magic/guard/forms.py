"""The table of secrets that are known by their form: how each kind of key begins, and what follows.

The forms are those that the issuers document and that the open scanners (gitleaks, detect-secrets) look for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from .secret_values import placeholder


class Found(NamedTuple):
    """Where a secret stands in a text, and its kind."""

    start: int
    end: int
    kind: str


class Form(NamedTuple):
    """One form: the literal beginnings, what may follow them, and the least number of characters of it."""

    kind: str
    prefixes: tuple[str, ...]
    body: str
    least: int


_ALNUM = "[A-Za-z0-9]"
_WORD = "[A-Za-z0-9_-]"
_HEX = "[0-9a-f]"
_BASE64 = "[A-Za-z0-9+/=_-]"

#: Searched in this order; the first that holds a place has it.
FORMS = (
    Form("Anthropic key", ("sk-ant-",), _WORD, 20),
    Form("OpenRouter key", ("sk-or-",), _WORD, 20),
    Form("OpenAI key", ("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"), _WORD, 20),
    Form("DeepSeek key", ("sk-",), _HEX + "{32}(?![A-Za-z0-9_-])", 32),
    Form("API key", ("sk-",), _WORD, 16),
    Form("AWS key", ("AKIA", "ASIA", "ABIA", "ACCA"), "[A-Z0-9]{16}(?![A-Za-z0-9])", 16),
    Form("AWS key", ("ABSK",), _BASE64, 60),
    Form("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), _ALNUM, 30),
    Form("GitHub token", ("github_pat_",), "[A-Za-z0-9_]", 30),
    Form("GitLab token", ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glimt-"), _WORD, 18),
    Form("Slack token", ("xoxa-", "xoxb-", "xoxc-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"), _WORD, 10),
    Form("webhook", ("hooks.slack.com/services/", "hooks.slack.com/workflows/"), "[A-Za-z0-9_/]", 20),
    Form("webhook", ("discord.com/api/webhooks/", "discordapp.com/api/webhooks/"), "[A-Za-z0-9_/-]", 40),
    Form("Stripe key", ("sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"), _ALNUM, 16),
    Form("Google key", ("AIza",), _WORD, 30),
    Form("Google token", ("ya29.", "GOCSPX-", "1//0"), _WORD, 24),
    Form("Hugging Face token", ("hf_", "api_org_"), _ALNUM, 30),
    Form("npm token", ("npm_",), _ALNUM, 30),
    Form("PyPI token", ("pypi-",), _WORD, 40),
    Form("Twilio key", ("SK",), _HEX + "{32}(?![A-Za-z0-9])", 32),
    Form("Shopify token", ("shpat_", "shpca_", "shppa_", "shpss_"), "[0-9a-fA-F]", 32),
    Form("Square token", ("sq0atp-", "sq0csp-"), _WORD, 20),
    Form("Mailgun key", ("key-",), _HEX + "{32}(?![A-Za-z0-9])", 32),
    Form("Databricks token", ("dapi",), _HEX + "{32}(?:-[0-9])?(?![A-Za-z0-9])", 32),
    Form("Alibaba key", ("LTAI",), _ALNUM + "{12,24}(?![A-Za-z0-9])", 12),
    Form("Vault token", ("hvs.", "hvb.", "hvr."), _WORD, 24),
    Form("Atlassian token", ("ATATT3", "ATCTT3", "ATBB"), _BASE64, 24),
    Form("age key", ("AGE-SECRET-KEY-1",), "[A-Z0-9]", 40),
    Form("AI service key", ("gsk_", "xai-", "pplx-", "r8_", "tgp_v1_", "fw_", "rpa_"), _WORD, 24),
    Form("AI service key", ("nvapi-", "jina_", "tvly-", "lsv2_pt_", "lsv2_sk_", "csk-"), _WORD, 24),
    Form("cloud key", ("dop_v1_", "doo_v1_", "dor_v1_", "sbp_", "pscale_pw_", "pscale_tkn_"), _WORD, 30),
    Form("cloud key", ("tskey-auth-", "tskey-api-", "CFPAT-", "dp.pt.", "dp.st.", "ops_eyJ"), _WORD, 16),
    Form("developer token", ("lin_api_", "ntn_", "figd_", "PMAK-", "rubygems_", "sntrys_", "sntryu_"), _WORD, 30),
    Form("developer token", ("glc_", "glsa_", "NRAK-", "dckr_pat_", "oy2", "PRIVATE-", "sgp_"), _ALNUM, 24),
    Form("payment key", ("EZAK", "EZTK", "FLWSECK-", "FLWSECK_TEST-"), _ALNUM, 30),
    Form("JSON web token", ("eyJ",), _WORD + r"{8,}\.(?:[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3})", 20),
    Form("SendGrid key", ("SG.",), _WORD + r"{14,}\.[A-Za-z0-9_-]{14,}", 30),
    Form("Airtable token", ("pat",), _ALNUM + r"{14}\.[0-9a-f]{60,}", 60),
)


class Shape(NamedTuple):
    """A form without a fixed beginning: a text it always holds, and the whole as a pattern of bounded length.

    The secret is the group ``secret``, or all of it.
    """

    kind: str
    hint: str
    pattern: re.Pattern[str]


SHAPES = (
    Shape("Telegram token", ":AA", re.compile(r"[0-9]{8,10}:AA[A-Za-z0-9_-]{30,40}")),
    Shape(
        "Discord token",
        ".",
        re.compile(r"[MNO][A-Za-z0-9_-]{22,28}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}"),
    ),
    Shape("Mailchimp key", "-us", re.compile(r"[0-9a-f]{32}-us[0-9]{1,2}(?![0-9A-Za-z])")),
    Shape("Azure key", "Q~", re.compile(r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{30,36}")),
    Shape(
        "AWS secret key",
        "IA",
        re.compile(r"A[KS]IA[A-Z0-9]{16}[\s,;:|\"']{1,8}(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"),
    ),
    Shape("password hash", "$2", re.compile(r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}")),
    Shape("password hash", "$argon2", re.compile(r"\$argon2(?:id?|d)\$[A-Za-z0-9+/=,$-]{20,300}")),
    Shape("password hash", "$6$", re.compile(r"\$6\$[A-Za-z0-9./=$]{20,140}")),
)

# What may stand before a key though it ends in a letter: an escape of a string, of a URL, or of a terminal's colour.
_ESCAPE = re.compile(
    r"(?:\\[abefnrtv0]|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|\x1b\[[0-9;]{0,8}m|\\x1b\[[0-9;]{0,8}m"
    r"|\\u001b\[[0-9;]{0,8}m|&[a-z]{2,5};)$"
)
_CUT = ("…", "...")
_LEAST_OF_A_CUT = 8


def begins(text: str, start: int) -> bool:
    """Whether something of its own can begin at ``start``: no letter or digit stands before, or only an escape."""
    if start == 0 or not text[start - 1].isascii() or not text[start - 1].isalnum():
        return True
    return _ESCAPE.search(text[max(0, start - 16) : start]) is not None


def by_form(text: str) -> Iterator[Found]:
    """Yield every secret in ``text`` that is known by its form. The time is linear in ``text``."""
    for form, body, cut in _PATTERNS:
        for prefix in form.prefixes:
            yield from _with_prefix(text, form, prefix, body, cut)
    for shape in SHAPES:
        if shape.hint in text:
            group = "secret" if "secret" in shape.pattern.groupindex else 0
            for found in shape.pattern.finditer(text):
                if begins(text, found.start()):
                    yield Found(*found.span(group), shape.kind)


def _with_prefix(text: str, form: Form, prefix: str, body: str, cut: str) -> Iterator[Found]:
    start = text.find(prefix)
    while start >= 0:
        after = start + len(prefix)
        end = _end(text, after, body, cut) if _strictly(text, start, form) else 0
        if end and not _harmless(text[after:end]):
            yield Found(start, end, form.kind)
        start = text.find(prefix, end or start + 1)


def _strictly(text: str, start: int, form: Form) -> bool:
    """A form of several parts may begin once in a run of its characters: else a run of beginnings costs a square."""
    if r"\." in form.body and start and text[start - 1] in "-_":
        return False
    return begins(text, start)


def _end(text: str, after: int, body: str, cut: str) -> int:
    """Return where the secret ends that goes on at ``after``, or 0 where none does."""
    if found := _pattern(body).match(text, after):
        return found.end()
    # A key that something has shortened is still most of a key.
    if (found := _pattern(cut).match(text, after)) and (text.startswith(_CUT, found.end()) or found.end() == len(text)):
        return found.end()
    return 0


def _harmless(body: str) -> bool:
    """Whether what follows the beginning of a key is words (``sk-learn-contrib-something``) or a placeholder."""
    if placeholder(body):
        return True
    return not any(map(str.isdigit, body)) and (body.islower() or body.isupper() or body.istitle())


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern when its beginning is met for the first time: most of them never are."""
    return re.compile(text)


def _patterns(form: Form) -> tuple[Form, str, str]:
    run = form.body.endswith("]")
    body = f"{form.body}{{{form.least},}}" if run else form.body
    characters = form.body[: form.body.index("]") + 1]
    # Only so much of a run is looked at where it is too short or too long for the form.
    return form, body, f"{characters}{{{_LEAST_OF_A_CUT},{max(form.least, 8)}}}(?!{characters})"


_PATTERNS = tuple(map(_patterns, FORMS))
