"""The commands ``deepseek-magic history`` and ``record``: a record file, looked into from a shell."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from .app.command_words import RECORD
from .text import one_line


def add_records(commands: Any) -> None:
    """Add the commands that look into a record file."""
    history = commands.add_parser("history", help="show questions and answers of a record file, the newest first")
    history.add_argument("words", nargs="*", help='only those that contain all of these; "two words" count as one')
    record = commands.add_parser(
        "record", help="show what a record file holds; export, import, prune or forget its replies"
    )
    record.add_argument("words", nargs="*", metavar="WORD", help="; ".join(RECORD))
    record.add_argument("--older", metavar="30d", help="with prune: the age in days")
    for name, command in (("history", history), ("record", record)):
        command.add_argument(
            "--record",
            required=True,
            metavar="FILE",
            help="the record: a .db file, or a .jsonl file, which is only read",
        )
        command.set_defaults(run=_run, command=name, older=None)


def _run(parsed: argparse.Namespace) -> int:
    from .app.session import Session  # help needs none of them
    from .app.shell import in_shell
    from .commands.history_command import printed

    shown, notes = printed(Session(), parsed.command, parsed.record, parsed.words, parsed.older)
    sys.stdout.write(shown + "\n")
    sys.stdout.flush()
    for note in notes:
        sys.stderr.write(f"deepseek-magic: {one_line(in_shell(note), 1000)}\n")
    return 0
