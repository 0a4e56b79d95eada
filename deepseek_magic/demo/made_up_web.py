"""Answer DeepSeek's search and fetch requests with a few pages that were written for this package, and say so.

Source: DeepSeek's guide to search and its API reference (October 2026).
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from textwrap import shorten
from typing import Any

from .documented_errors import bad_request, not_json, refuse

#: What every page begins with.
NOTICE = "*A made-up page of the embedded endpoint: nothing was looked up in the web.*"
_WORD = re.compile(r"\w{3,}")
_OPERATOR = re.compile(r'(?:^|\s)(?:-?site:|lang:|after:|before:)\S+|(?:^|\s)-\w\S*|"')
_SNIPPET, _SUMMARY = 160, 700


@cache
def pages() -> tuple[dict[str, str], ...]:
    """Return the pages: title, url, site_name, date and text of each."""
    source = resources.files("deepseek_magic.demo") / "made_up_pages.json"
    return tuple(json.loads(source.read_text("utf-8")))


def search(body: bytes) -> dict[str, Any]:
    """Return the answer to a search: all pages, those that share most words with the query first.

    Raises:
        Refused: the request is not as the reference has it.
    """
    asked = _read(body)
    query, count = asked.get("query"), asked.get("count", 10)
    if not isinstance(query, str) or not query.strip() or len(query) > 128:
        raise bad_request("query must be a string of 1 to 128 characters")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= 50:
        raise bad_request("count must be an integer from 1 to 50")
    words = set(_WORD.findall(_OPERATOR.sub(" ", query).lower()))
    scored = [(len(words & set(_WORD.findall(f"{one['title']} {one['text']}".lower()))), one) for one in pages()]
    ranked = sorted(scored, key=lambda pair: -pair[0])
    return {"results": [_result(one, score, len(words)) for score, one in ranked[:count]]}


def _result(page: dict[str, str], score: int, most: int) -> dict[str, Any]:
    text = " ".join(page["text"].split())
    return {
        "title": page["title"],
        "url": page["url"],
        "snippet": shorten(text, _SNIPPET, placeholder=" …"),
        "summary": shorten(text, _SUMMARY, placeholder=" …"),
        "content": "",
        "site_name": page["site_name"],
        "site_icon": "",
        "date": page["date"],
        "rerank_score": round(3 * score / max(1, most), 2),
        "authority": 0,
    }


def fetch(body: bytes) -> dict[str, Any]:
    """Return the answer to a fetch; a page that is not among the made-up ones is made up on the spot.

    Raises:
        Refused: the request is not as the reference has it.
    """
    url = _read(body).get("url")
    if not isinstance(url, str) or not re.match(r"https?://", url) or len(url) > 8192:
        raise bad_request("url must be an http or https address of at most 8192 characters")
    found = next((one for one in pages() if one["url"] == url), None)
    if found is None:
        return {"title": "A made-up page", "content": f"{NOTICE}\n\nNo made-up page stands at this address."}
    return {"title": found["title"], "content": f"{NOTICE}\n\n# {found['title']}\n\n{found['text']}"}


def _read(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise not_json(str(error)) from None
    if not isinstance(asked, dict):
        raise refuse(422, "expected an object")
    return asked
