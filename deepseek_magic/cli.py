"""The command ``deepseek-magic``: ask from a shell, serve the embedded endpoint, run the demo."""

from __future__ import annotations

import argparse
import io
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .command_line import (
    NAME,
    OPTIONS,
    Parser,
    add_tools,
    add_where,
    given_options,
    help_here,
    not_known,
    number_of,
    question_of,
)
from .errors import DeepSeekError, Interrupted, OptionError
from .settings.kinds import Flag, Several
from .shell_record import add_records
from .text import one_line
from .version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with ``arguments`` (default: the process's own) and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a narrow encoding must not cost the rest of the text
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    parsed, unknown = parser.parse_known_args(sys.argv[1:] if arguments is None else arguments)
    if unknown:
        parser.error(not_known(unknown[0], parsed))
    try:
        return int(parsed.run(parsed))
    except BrokenPipeError:
        return _unread()
    except (DeepSeekError, Interrupted) as error:
        if isinstance(error.__cause__, BrokenPipeError):
            return _unread()
        from .app.shell import in_shell  # help and the demo need none of it

        print(f"deepseek-magic: {one_line(in_shell(str(error)), 1000)}", file=sys.stderr)
        return 130 if isinstance(error, Interrupted) else 1
    except KeyboardInterrupt:
        print("deepseek-magic: stopped", file=sys.stderr)
        return 130


def _unread() -> int:
    """Return the status for a reader, such as ``head``, that has seen enough; nothing more is written to it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog=NAME, description=f"Talk to DeepSeek; see {NAME} COMMAND -h.")
    parser.add_argument("--version", action="version", version=f"deepseek-magic {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for add in (_add_ask, _add_pick, _add_web, add_records, _add_doctor, _add_serve, _add_demo):
        add(commands)
    for command in commands.choices.values():
        command.set_defaults(parser=command)
    return parser


def _add_ask(commands: Any) -> None:
    ask = commands.add_parser(
        "ask",
        help="ask one question; the answer goes to standard output as it comes",
        description='Ask a question. Piped input is sent along: cat log.txt | deepseek-magic ask "what fails here?"',
    )
    ask.add_argument(
        "question", nargs="+", help="the question; - reads it from standard input, which is otherwise sent as context"
    )
    for option in OPTIONS:
        names = [name for name in (option.flag, option.short) if name]
        if isinstance(option.kind, Flag):
            ask.add_argument(*names, dest=option.name, action="store_const", const=True, help=help_here(option))
            continue
        action = "append" if isinstance(option.kind, Several) else "store"
        ask.add_argument(*names, dest=option.name, metavar=option.metavar, action=action, help=help_here(option))
    add_tools(ask)
    ask.set_defaults(run=_ask)


def _add_web(commands: Any) -> None:
    search = commands.add_parser("search", help="search the web with the endpoint's own search; no model is asked")
    search.add_argument("words", nargs="+", help="what to search for; site:, -term, after: and so on narrow it")
    search.add_argument("-n", default="10", metavar="N", help="at most N results, 1 to 50 (default %(default)s)")
    fetch = commands.add_parser("fetch", help="read a page of the web as Markdown; no model is asked")
    fetch.add_argument("url", help="the address of the page")
    for command, run in ((search, _search), (fetch, _fetch)):
        add_where(command)
        command.set_defaults(run=run)


def _search(parsed: argparse.Namespace) -> int:
    from .app.session import Session
    from .commands.web_command import printed_search

    return _printed(printed_search(Session(), " ".join(parsed.words), parsed.n, _where(parsed)))


def _fetch(parsed: argparse.Namespace) -> int:
    from .app.session import Session
    from .commands.web_command import printed_page

    return _printed(printed_page(Session(), parsed.url, _where(parsed)))


def _where(parsed: argparse.Namespace) -> dict[str, str]:
    return {name: value for name in ("base_url", "profile") if (value := getattr(parsed, name))}


def _printed(made: tuple[str, str]) -> int:
    """Write what was found to standard output, and what is to be said of it beside."""
    found, said = made
    _to_stdout(found.rstrip("\n") + "\n")
    if sys.stderr.isatty():
        _to_stderr(f"-- {said}\n")
    return 0


def _add_pick(commands: Any) -> None:
    pick = commands.add_parser("pick", help="keep another answer of a conversation's last --compare")
    chat = next(row for row in OPTIONS if row.name == "chat")
    pick.add_argument(chat.flag, required=True, metavar=chat.metavar, help="the conversation")
    pick.add_argument(
        "number",
        type=number_of("the number of an answer", int),
        help="the number of the answer; later questions continue from it",
    )
    pick.set_defaults(run=_pick)


def _pick(parsed: argparse.Namespace) -> int:
    from .app import shell

    label = shell.pick(shell.place_of(parsed.chat), parsed.number)
    print(one_line(f"Conversation {parsed.chat}: answer {parsed.number} ({label}) is kept as the turn.", 1000))
    return 0


def _add_doctor(commands: Any) -> None:
    from .app.command_words import DOCTOR

    doctor = commands.add_parser(
        "doctor", help="check key, network, proxy, certificates and versions; the exit status is 1 if any is wrong"
    )
    for word, does in DOCTOR.items():
        doctor.add_argument(word, action="store_true", help=does)
    add_where(doctor)
    doctor.set_defaults(run=_doctor)


def _doctor(parsed: argparse.Namespace) -> int:
    from .app.session import Session
    from .app.shell import in_shell
    from .commands.doctor import examined, report
    from .doctor.findings import all_well, summary
    from .render.choose import FrontEnd

    options = _where(parsed)
    ask = input if sys.stdin is not None and sys.stdin.isatty() else None
    found = examined(Session(), options, {}, FrontEnd(), streams=parsed.stream, agreed=parsed.yes, ask=ask)
    if parsed.json:
        print(in_shell(report(found)))
    else:
        for finding in found:
            print(one_line(f"{finding.check}: {in_shell(finding.line)}", 1000))
        print(f"doctor: {summary(found)}")
    return 0 if all_well(found) else 1


def _add_serve(commands: Any) -> None:
    serve = commands.add_parser("serve", help="run the embedded endpoint, which is not a model, on this machine")
    port, pace = number_of("the number of a port, 0 for any", int), number_of("seconds from 0 to 10", float)
    serve.add_argument("--port", type=port, default=8765, metavar="N", help="port to listen on (default 8765, 0: any)")
    serve.add_argument("--pace", type=pace, default=0.012, metavar="SECONDS", help="time between two tokens")
    serve.set_defaults(run=_serve)


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo", help="run the quickstart notebook, with DeepSeek if a key is set, else with the embedded endpoint"
    )
    demo.add_argument("--lab", action="store_true", help="open it in JupyterLab instead of running it here")
    demo.add_argument(
        "--output",
        type=Path,
        default=Path("deepseek-demo"),
        metavar="FOLDER",
        help="where to save (default: %(default)s)",
    )
    demo.set_defaults(run=_demo)


def _ask(parsed: argparse.Namespace) -> int:
    from .app import shell
    from .app.ask import Ask, ask
    from .app.session import Session
    from .render.back_ends.plain import paper
    from .render.ledger import in_lines

    shell.only_files(parsed.context or ())
    values = given_options(parsed)
    values.update(shell.tools_asked(parsed.tools, parsed.mcp, yes=bool(parsed.yes)))
    config = {"mcp": parsed.mcp} if parsed.mcp else {}
    question = question_of(parsed.question)
    aside = _to_stderr if sys.stderr.isatty() else None
    session = Session()
    dim = session.screen.colours()
    papers = paper(sys.stdout, dim=dim), paper(sys.stderr, dim=dim)
    conversation = session.conversations.named(values.get("chat", ""))
    place = shell.place_of(conversation.name)
    if "chat" in values:
        shell.load(conversation, place)
    also = () if parsed.question == ["-"] else shell.piped()
    asked = Ask(question, {**values, "raw": True}, config, also=also)

    def make() -> shell.ShellRenderer:
        return shell.ShellRenderer(_to_stdout, aside, *papers)

    try:
        if "compare" in values:
            notices = shell.compared(session, asked, make, _to_stdout, aside)
        else:
            notices = ask(session, replace(asked, renderer=make())).notices
    finally:
        session.close()
        if "chat" in values:
            shell.save(conversation, place)
    ending = conversation.last_ending
    if aside is None and ending is not None:
        for source in in_lines(ending) if ending.sources else ():
            _to_stderr(f"{source}\n")
    remarks = [f"{what}: {remark}" for what, _, remark in (ending.receipt_rows if ending else ()) if remark]
    for notice in (*remarks, *(notices if aside is None else ())):
        _to_stderr(f"deepseek-magic: {one_line(shell.in_shell(notice), 1000)}\n")
    return 0


def _serve(parsed: argparse.Namespace) -> int:
    from .demo.endpoint import EmbeddedEndpoint

    if not 0 <= parsed.pace <= 10:
        msg = f"--pace: expected seconds from 0 to 10, found {parsed.pace}"
        raise OptionError(msg)
    try:
        endpoint = EmbeddedEndpoint(port=parsed.port, pace=parsed.pace)
        endpoint.start()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "there is no such port"
        msg = f"cannot listen on port {parsed.port} ({reason}): choose another with --port"
        raise DeepSeekError(msg) from None
    print(f"The embedded endpoint, which is not a model, listens at {endpoint.url}", flush=True)
    print(f"In a notebook: %config DeepSeek.base_url = '{endpoint.url}'   (Ctrl+C ends it)", flush=True)
    print(f'In a shell: deepseek-magic ask --base-url {endpoint.url} "..."', flush=True)
    forever = threading.Event()
    try:
        while not forever.wait(0.5):  # short waits: Windows lets an interrupt through only between them
            pass
    except KeyboardInterrupt:
        return 0
    finally:
        endpoint.stop()
    return 0


def _demo(parsed: argparse.Namespace) -> int:
    from .app.session import Session
    from .demo.run import in_lab, in_terminal

    if parsed.lab:
        return in_lab(parsed.output)
    session = Session()
    settings, _ = session.settle({}, {})
    where = "" if settings.lacks_key else settings.base_url
    colours = session.screen.colours()
    return in_terminal(parsed.output, _to_stdout, where, formatted=sys.stdout.isatty(), colours=colours)


def _to_stdout(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
