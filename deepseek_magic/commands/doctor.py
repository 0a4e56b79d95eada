"""``%deepseek_doctor``: check the set-up, and report for each part that it is fine, or what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from deepseek_magic.app.command_words import DOCTOR
from deepseek_magic.doctor import findings
from deepseek_magic.doctor.findings import Finding
from deepseek_magic.errors import ConfigurationError, OptionError
from deepseek_magic.guard import Guard
from deepseek_magic.render.choose import FrontEnd
from deepseek_magic.render.prompts import says_yes
from deepseek_magic.settings.misspelt import word_hint
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.settings.urls import host_of
from deepseek_magic.text import one_line
from deepseek_magic.version import __version__

from . import cards
from .call import Call, Result

if TYPE_CHECKING:
    from deepseek_magic.app.session import Session

_NOT_STREAMED = Finding(
    "streaming",
    "not checked",
    "%deepseek_doctor --stream sends a question of a few tokens, and asks you first",
)


def command(call: Call) -> Result:
    """Do what ``%deepseek_doctor`` says.

    Raises:
        OptionError: the line holds something other than the options.
    """
    words = call.line.split()
    if unknown := [word for word in words if word not in DOCTOR]:
        msg = f"%deepseek_doctor takes {', '.join(DOCTOR)}, or nothing; found {one_line(unknown[0], 40)!r}"
        raise OptionError(msg + word_hint(unknown[0], DOCTOR))
    front_end = call.front_end
    asks = input if front_end.watched else None
    found = examined(
        call.session, {}, call.config, front_end, streams="--stream" in words, agreed="--yes" in words, ask=asks
    )
    if "--json" in words:
        return Result(show=(report(found),))
    rows = [(finding.check, finding.line) for finding in found]
    return Result(show=(cards.card(f"Doctor: {findings.summary(found)}", rows),))


def examined(
    session: Session,
    options: Mapping[str, Any],
    config: Mapping[str, Any],
    front_end: FrontEnd,
    *,
    streams: bool = False,
    agreed: bool = False,
    ask: Callable[[str], str] | None = None,
) -> list[Finding]:
    """Return the findings on the set-up of ``session``, without secrets.

    Args:
        session: the session, whose endpoint, key and record are checked.
        options: the options of a question.
        config: the configured settings.
        front_end: the front end in which replies are shown.
        streams: whether to send a request that costs money, to check that replies stream.
        agreed: whether the user has agreed to it.
        ask: asks the user for a line; ``None`` if nobody can be asked.
    """
    settings: Settings | None = None
    found: list[Finding] = []
    try:
        settings, _ = session.settle(options, config)
    except ConfigurationError as error:
        found.append(findings.of_sentence("settings", str(error)))
    if settings is not None:
        agreed = streams and (agreed or _agreed(settings, ask))
        found += _endpoint(session, settings, streams=agreed)
    found += here(session, options, config, front_end)
    wrong = {finding.check for finding in found if finding.state == "wrong"}
    found = [finding for finding in found if finding.state == "wrong" or finding.check not in wrong]
    secrets = [settings.key.secret] if settings is not None and settings.key is not None else []
    guard = Guard("mask", session.environ, secrets)
    found = [finding.cleaned(lambda text: guard.clean(text).text) for finding in found]
    session.findings = tuple(found)
    return found


def _agreed(settings: Settings, ask: Callable[[str], str] | None) -> bool:
    from deepseek_magic.doctor.stream_timing import MOST_TOKENS

    if ask is None:
        return False
    prompt = f"This asks {host_of(settings.base_url)} for a reply of at most {MOST_TOKENS} tokens. Go on? [y/N] "
    return bool(says_yes(prompt, ask))


def _endpoint(session: Session, settings: Settings, *, streams: bool) -> Iterator[Finding]:
    from deepseek_magic.api.network import way  # requests is heavy, and most sessions never ask for a doctor
    from deepseek_magic.doctor import answers, connection, key_form, stream_timing

    yield Finding("settings", "fine", f"{settings.base_url}, model {one_line(settings.model, 60)}")
    yield key_form.check(settings)
    reached = way(settings.base_url)
    for step in connection.steps(settings.base_url, reached, settings.client_cert):
        yield step
        if step.state == "wrong":
            return
    client = session.clients.client(settings)
    wrong = False
    for answer in answers.check(client, settings):
        wrong = wrong or answer.state == "wrong"
        yield answer
    if client.date:
        yield connection.clock(client.date, datetime.now(timezone.utc))
    if streams and not wrong and not settings.lacks_key:
        yield stream_timing.check(client, session.ready(settings))
    elif not wrong:
        yield _NOT_STREAMED


def here(
    session: Session, options: Mapping[str, Any], config: Mapping[str, Any], front_end: FrontEnd
) -> Iterator[Finding]:
    """Yield the findings that need no network: kernel, front end, widgets, versions, record."""
    from deepseek_magic.doctor import surroundings

    try:
        asking = resolve_asking(*session.profiled(options, config)[1:], session.environ)
    except ConfigurationError:  # already reported
        asking = resolve_asking({}, {})
    yield from surroundings.check(front_end, asking.renderer)
    yield _record(session, asking.record)
    if config.get("mcp"):
        yield from _tool_servers(session, config)


def _record(session: Session, record: str) -> Finding:
    if not record:
        return Finding("record", "fine", "none is kept")
    try:
        session.files.record(record)
    except ConfigurationError as error:
        return findings.of_sentence("record", str(error))
    return Finding("record", "fine", one_line(record, 120))


def _tool_servers(session: Session, config: Mapping[str, Any]) -> Iterator[Finding]:
    from deepseek_magic.app.tools_along import configured_servers
    from deepseek_magic.doctor import tool_servers

    try:
        yield from tool_servers.check(configured_servers(session, config))
    except ConfigurationError as error:
        yield findings.of_sentence("tool servers", str(error))


def report(found: list[Finding]) -> str:
    """Return ``found`` as JSON for a report."""
    return findings.as_json(found, deepseek_magic=__version__, at=f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}")
