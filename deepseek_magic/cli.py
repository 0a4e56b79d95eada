"""The command ``deepseek-magic``: ask from a shell, serve the embedded endpoint, run the demo."""

from __future__ import annotations

import argparse
import io
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .app.options import converted, help_of, options_at
from .errors import DeepSeekError, Interrupted, OptionError
from .settings.kinds import Flag, Several
from .settings.rows import Parameter
from .text import one_line
from .version import __version__

#: The options of ``ask``.
OPTIONS = options_at("shell")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with ``arguments`` (default: the process's own) and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a narrow encoding must not cost the rest of the text
            stream.reconfigure(errors="backslashreplace")
    parsed = _parser().parse_args(arguments)
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
    parser = argparse.ArgumentParser(
        prog="deepseek-magic", description="Talk to DeepSeek; see deepseek-magic COMMAND -h."
    )
    parser.add_argument("--version", action="version", version=f"deepseek-magic {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_ask(commands)
    _add_serve(commands)
    _add_demo(commands)
    return parser


def _add_ask(commands: Any) -> None:
    ask = commands.add_parser(
        "ask",
        help="ask one question; the answer goes to standard output as it comes",
        description='Ask a question. What is piped in goes along: cat log.txt | deepseek-magic ask "what fails here?"',
    )
    ask.add_argument(
        "question", nargs="+", help="the question; - reads it from standard input, which goes along as context else"
    )
    for option in OPTIONS:
        names = [name for name in (option.flag, option.short) if name]
        if isinstance(option.kind, Flag):
            ask.add_argument(*names, dest=option.name, action="store_const", const=True, help=help_of(option))
            continue
        action = "append" if isinstance(option.kind, Several) else "store"
        ask.add_argument(*names, dest=option.name, metavar=option.metavar, action=action, help=help_of(option))
    ask.set_defaults(run=_ask)


def _add_serve(commands: Any) -> None:
    serve = commands.add_parser("serve", help="run the embedded endpoint, which is not a model, on this machine")
    serve.add_argument("--port", type=int, default=8765, metavar="N", help="port to listen on (default 8765, 0: any)")
    serve.add_argument("--pace", type=float, default=0.012, metavar="SECONDS", help="time between two tokens")
    serve.set_defaults(run=_serve)


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser("demo", help="run the quickstart notebook: with DeepSeek if a key is set, else without")
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
    from .render.back_ends.plain import PlainRenderer, paper

    values: dict[str, Any] = {}
    for option in OPTIONS:
        given = getattr(parsed, option.name)
        if given is not None:
            values[option.name] = _converted(option, given)
    shell.only_files(values.get("context", ()))
    reads_question = parsed.question == ["-"]
    question = sys.stdin.read() if reads_question else " ".join(parsed.question)
    aside = _to_stderr if sys.stderr.isatty() else None
    session = Session()
    dim = session.screen.colours()
    renderer = PlainRenderer(_to_stdout, aside, paper(sys.stdout, dim=dim), paper(sys.stderr, dim=dim))
    conversation = session.conversations.named(values.get("chat", ""))
    place = shell.place_of(conversation.name)
    if "chat" in values:
        shell.load(conversation, place)
    also = () if reads_question else shell.piped()
    asked = Ask(question, {**values, "raw": True}, also=also, renderer=renderer)
    try:
        reply = ask(session, asked)
    finally:
        if "chat" in values:
            shell.save(conversation, place)
    ending = conversation.last_ending
    remarks = [f"{what}: {remark}" for what, _, remark in (ending.receipt_rows if ending else ()) if remark]
    for notice in (*remarks, *(reply.notices if aside is None else ())):
        _to_stderr(f"deepseek-magic: {one_line(shell.in_shell(notice), 1000)}\n")
    return 0


def _converted(option: Parameter, given: Any) -> Any:
    if isinstance(option.kind, Flag):
        return given
    return [converted(option, text) for text in given] if isinstance(given, list) else converted(option, given)


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
