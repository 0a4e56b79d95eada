"""``%deepseek_search`` and ``%deepseek_fetch``: the web for the user himself, without a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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

#: Results of a search where the user gives no number.
RESULTS = 10
_COUNT = re.compile(r"-n(?:\s+|=)?(\S+)\s*")


def search(call: Call) -> Result:
    """Search the web for the words of the line.

    Raises:
        QuestionError: there are none, or too many.
        DeepSeekError: the web cannot be asked.
    """
    line, count = call.line.strip(), RESULTS
    if found := _COUNT.match(line):
        if not (found[1].isdecimal() and 1 <= int(found[1]) <= 50):
            msg = f"-n: expected a whole number from 1 to 50, found {one_line(found[1], 40)!r}"
            raise OptionError(msg)
        count, line = int(found[1]), line[found.end() :]
    if not line:
        msg = "%deepseek_search needs words to search for"
        raise QuestionError(msg)
    access, client, timeout = _access(call, "%deepseek_search")
    clean = call.session.guard_of(call.config).clean(line, "the search")
    results = WebResults(client.search(clean.text, count, timeout))
    said = f"{counted(len(results), 'result')} for {clean.text!r} · {_paid(call, access, billed=bool(results))}"
    masked = [f"masked in what was sent: {', '.join(finding.kind for finding in clean.findings)}"]
    results.caption = visible(" · ".join([said, *(masked if clean.findings else [])]))
    return _result(call, results)


def fetch(call: Call) -> Result:
    """Read the page at the address in the line.

    Raises:
        QuestionError: it is not an address of the public web, or holds a secret.
        DeepSeekError: the web cannot be asked.
    """
    url = call.line.strip()
    if not url:
        msg = "%deepseek_fetch needs the address of a page, like https://example.org/page"
        raise QuestionError(msg)
    access, client, timeout = _access(call, "%deepseek_fetch")
    findings = call.session.guard_of(call.config).clean(url, "the address").findings
    if findings:
        msg = (
            f"not read: the address holds what looks like a secret ({findings[0].kind}); "
            "%config DeepSeek.guard = 'off' sends it"
        )
        raise QuestionError(msg)
    page: WebPage = client.fetch(url, timeout)
    paid = _paid(call, access, billed=bool(page.content.strip()))
    return _result(call, Fetched(page.title, url, page.content, f"{counted(len(page.content), 'character')} · {paid}"))


def _access(call: Call, name: str) -> tuple[WebAccess, WebClient, float]:
    asking = resolve_asking({}, call.config, call.session.environ)
    question = call.session.question(name, {}, call.config, asking)
    settings = question.settings.replaced(max_cost=None)  # that is a limit on replies
    access = web_access(settings, asking.search_url, question.prices, call.session.environ, name)
    budget = call.session.budget
    if not (access.price is None and is_loopback(access.base_url)):
        budget.check_price(access.price, access.base_url, "a web request")
    budget.check(access.price or 0.0)
    if access.base_url == settings.base_url:
        settings.require_key()
    client = call.session.clients.web(access.base_url, access.key, settings.client_cert)
    return access, client, settings.timeout


def _paid(call: Call, access: WebAccess, *, billed: bool) -> str:
    """Count one request, and return what it cost in words."""
    dollars = (access.price or 0.0) * billed
    call.session.tallies.count_web(int(billed), dollars)
    call.session.budget.spend(WEB, dollars)
    if not billed:
        return "nothing found, nothing billed"
    return f"1 web request ({Cost(dollars, dollars)})" if access.price is not None else "1 web request"


def _result(call: Call, value: WebResults | Fetched) -> Result:
    from .cards import Card  # loading needs none of it

    card = Card(value._repr_mimebundle_())
    value.shown_here = call.kernel.shown_here(quiet=False)
    return Result(value, (card,))
