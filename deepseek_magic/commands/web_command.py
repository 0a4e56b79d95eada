"""``%deepseek_search`` and ``%deepseek_fetch``: the web for the user himself, without a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.chat.kernel_budget import WEB
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.reach.web_access import WebAccess, web_access
from deepseek_magic.reach.web_values import Fetched, WebResults
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.settings.urls import is_loopback
from deepseek_magic.text import counted, one_line, visible

from .call import Call, Result

if TYPE_CHECKING:
    from deepseek_magic.api.web_search import WebClient, WebPage
    from deepseek_magic.app.session import Session

#: Results of a search if the user gives no number.
RESULTS = 10
# "-nasa" is a word of the search.
_COUNT = re.compile(r"-n(?:(?:\s+|=)(\S+)|(\d+)(?!\S))\s*")


def search(call: Call) -> Result:
    """Search the web for the words of the line.

    Raises:
        QuestionError: there are none, or too many.
        DeepSeekError: the web cannot be asked.
    """
    line, count = call.line.strip(), RESULTS
    if found := _COUNT.match(line):
        count, line = checked_count(found[1] or found[2]), line[found.end() :]
    return _result(call, searched(call.session, call.config, line, count, "%deepseek_search"))


def checked_count(text: str) -> int:
    """Return the number of results that ``text`` asks for.

    Raises:
        OptionError: there cannot be so many.
    """
    if not (text.isdecimal() and 1 <= int(text) <= 50):
        msg = f"-n: expected a whole number from 1 to 50, found {one_line(text, 40)!r}"
        raise OptionError(msg)
    return int(text)


def searched(session: Session, config: Mapping[str, Any], words: str, count: int, name: str) -> WebResults:
    """Return at most ``count`` results of a search for ``words``; ``name`` is the command, for errors.

    Raises:
        QuestionError: there are no words, or too many.
        DeepSeekError: the web cannot be asked.
    """
    if not words.strip():
        msg = f"{name} needs words to search for: write them after it"
        raise QuestionError(msg)
    access, client, timeout = _access(session, config, name)
    clean = session.guard_of(config).clean(words, "the search")
    results = WebResults(client.search(clean.text, count, timeout))
    said = f"{counted(len(results), 'result')} for {clean.text!r} · {_paid(session, access, billed=bool(results))}"
    masked = [f"masked in what was sent: {', '.join(finding.kind for finding in clean.findings)}"]
    results.caption = visible(" · ".join([said, *(masked if clean.findings else [])]))
    return results


def fetch(call: Call) -> Result:
    """Read the page at the address in the line.

    Raises:
        QuestionError: it is not an address of the public web, or holds a secret.
        DeepSeekError: the web cannot be asked.
    """
    return _result(call, fetched(call.session, call.config, call.line.strip(), "%deepseek_fetch"))


def fetched(session: Session, config: Mapping[str, Any], url: str, name: str) -> Fetched:
    """Return the page at ``url``; ``name`` is the command, for errors.

    Raises:
        QuestionError: it is not an address of the public web, or holds a secret.
        DeepSeekError: the web cannot be asked.
    """
    if not url:
        msg = f"{name} needs the address of a page, like https://example.org/page: write it after the command"
        raise QuestionError(msg)
    access, client, timeout = _access(session, config, name)
    findings = session.guard_of(config).clean(url, "the address").findings
    if findings:
        msg = (
            f"not read: the address holds what looks like a secret ({findings[0].kind}): give the address without it; "
            "%config DeepSeek.guard = 'off' sends it"
        )
        raise QuestionError(msg)
    page: WebPage = client.fetch(url, timeout)
    paid = _paid(session, access, billed=bool(page.content.strip()))
    return Fetched(page.title, url, page.content, f"{counted(len(page.content), 'character')} · {paid}")


def _access(session: Session, config: Mapping[str, Any], name: str) -> tuple[WebAccess, WebClient, float]:
    asking = resolve_asking(*session.profiled({}, config)[1:], session.environ)
    question = session.question(name, {}, config, asking)
    settings = replace(question.settings, max_cost=None)  # that is a limit on replies
    access = web_access(settings, asking.search_url, question.prices, session.environ, name)
    budget = session.budget
    if not (access.price is None and is_loopback(access.base_url)):
        budget.check_price(access.price, access.base_url, "a web request")
    budget.check(access.price or 0.0)
    if access.base_url == settings.base_url:
        settings.require_key()
    client = session.clients.web(access.base_url, access.key, settings.client_cert)
    return access, client, settings.timeout


def _paid(session: Session, access: WebAccess, *, billed: bool) -> str:
    """Count one request, and return what it cost in words."""
    dollars = (access.price or 0.0) * billed
    session.tallies.count_web(int(billed), dollars)
    session.budget.spend(WEB, dollars)
    if not billed:
        return "nothing found, nothing billed"
    return f"1 web request ({Cost(dollars, dollars)})" if access.price is not None else "1 web request"


def _result(call: Call, value: WebResults | Fetched) -> Result:
    from .cards import Card  # loading needs none of it

    card = Card(value._repr_mimebundle_())
    value.shown_here = call.kernel.shown_here(quiet=False)
    return Result(value, (card,))


def printed_search(session: Session, words: str, count: str, options: Mapping[str, Any]) -> tuple[str, str]:
    """Return the results of a search for ``words`` as text, and what it took.

    Raises:
        OptionError, QuestionError: ``count`` or ``words`` cannot be asked for.
        DeepSeekError: the web cannot be asked.
    """
    results = searched(session, options, words, checked_count(count), "search")
    return results.in_lines() or "nothing was found", results.caption


def printed_page(session: Session, url: str, options: Mapping[str, Any]) -> tuple[str, str]:
    """Return the page at ``url`` as text, and what it took.

    Raises:
        QuestionError: it is not an address of the public web, or holds a secret.
        DeepSeekError: the web cannot be asked.
    """
    page = fetched(session, options, url.strip(), "fetch")
    return visible(page.content), f"{page.title or visible(page.url)} · {page.caption}"
