"""Make a standalone web page of safe HTML, which opens offline: no scripts, and nothing from other servers."""

from __future__ import annotations

from collections.abc import Sequence

from .safe_html import SafeHtml, joined, words

# In the page itself, because a file has no HTTP headers. Our own wrappers have inline styles.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color: #1c1c1c; background: #fff; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1rem; margin: 2rem 0 .4rem; color: #555; }
pre, code { font-family: ui-monospace, monospace; font-size: .92em; }
table { border-collapse: collapse; }
th, td { border: 1px solid #ccc; padding: .2em .6em; }
blockquote { margin-left: 0; padding-left: 1em; border-left: 3px solid #ccc; }
""".strip()


def page(title: str, parts: Sequence[tuple[str, SafeHtml]]) -> str:
    """Return a page with ``title`` and ``parts``, each below a heading; titles are plain text."""
    head = words(title)
    body = "".join(f"<section>\n<h2>{words(heading)}</h2>\n{joined([part])}\n</section>\n" for heading, part in parts)
    return (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{head}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n"
        f'<body>\n<h1 dir="auto">{head}</h1>\n{body}</body>\n</html>\n'
    )
