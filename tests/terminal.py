"""A real terminal for the tests: a program in a pseudo-terminal, and the screen that a reader has before him."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pyte

from tests.faults import PATIENCE, FaultServer
from tests.kernel import environment

SIZE = (60, 160)


class Terminal:
    """A program in a terminal: every byte it sent, and the screen that a reader has before him."""

    def __init__(
        self, home: Path, server: FaultServer | None, *arguments: str, columns: int = SIZE[1], **environ: str
    ) -> None:
        environ |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        environ |= {"DEEPSEEK_BASE_URL": server.url} if server is not None else {}
        self.child = pexpect.spawn(
            sys.executable,
            list(arguments),
            env=environment(home, **environ),
            dimensions=(SIZE[0], columns),
            encoding="utf-8",
            timeout=PATIENCE,
            cwd=str(home),
        )
        self.sent = ""
        self._columns = columns

    def expect(self, pattern: str) -> None:
        self.child.expect(pattern)
        self.sent += self.child.before + self.child.after

    def end(self) -> str:
        """Wait for the program's end; returns all that it sent."""
        self.sent += self.child.read()
        self.child.close()
        return self.sent

    @property
    def screen(self) -> pyte.Screen:
        screen = pyte.Screen(self._columns, SIZE[0])
        pyte.Stream(screen).feed(self.sent)
        return screen

    @property
    def lines(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)


def in_ipython(home: Path, server: FaultServer, renderer: str, *lines: str, **environ: str) -> Terminal:
    """Type ``lines`` at the prompt of IPython."""
    # Without a title of IPython's own, every title and bell is ours.
    quiet = ("--simple-prompt", "--no-banner", "--no-confirm-exit", "--TerminalInteractiveShell.term_title=False")
    terminal = Terminal(home, server, "-m", "IPython", *quiet, **environ)
    typed = ["%load_ext deepseek_magic", f"%config DeepSeek.renderer = {renderer!r}", *lines]
    for number, line in enumerate(typed, 1):
        terminal.expect(rf"In \[{number}\]: ")
        terminal.child.sendline(line)
    terminal.expect(rf"In \[{len(typed) + 1}\]: ")
    terminal.child.sendline("exit")
    terminal.end()
    return terminal
