"""A notebook client that writes replies to the terminal while they stream in the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from jupyter_core.utils import ensure_async
from nbclient import NotebookClient

from deepseek_magic.api.events import ReasoningDelta, TextDelta
from deepseek_magic.record.placed import is_open
from deepseek_magic.render.back_ends.plain import AS_IT_IS, Paper
from deepseek_magic.render.places import UNFINISHED
from deepseek_magic.render.renderer import Ending, Renderer
from deepseek_magic.render.word_wrap import Wrapping
from deepseek_magic.text import visible


class FollowedClient(NotebookClient):
    """Executes a notebook and writes each cell and its plain-text output as it comes.

    The kernel's `display` back end sends the source so far as ``text/plain`` with each update; the new part of it is
    written, and a line for the thinking and for each notice.

    An interrupt (SIGINT) is passed on to the kernel, so that the cell ends with what it has. `execute` then raises the
    cell's error, or ``asyncio.CancelledError``. A second interrupt does not wait for the cell.

    Args:
        notebook: the notebook, which is executed in place.
        write: takes the text.
        renderer: makes a renderer that shows each reply formatted; ``None`` to write its source.
        on: the width and form of the paper that is written on.
        options: options of `NotebookClient`.

    Attributes:
        stopped: whether there was an interrupt.
    """

    def __init__(
        self,
        notebook: Any,
        write: Callable[[str], object],
        renderer: Callable[[], Renderer] | None = None,
        on: Paper = AS_IT_IS,
        **options: Any,
    ) -> None:
        # A kernel that is shut down politely would first report its own interrupt, with a traceback.
        super().__init__(notebook, shutdown_kernel="immediate", **options)
        self.stopped = False
        self._write = write
        self._renderer = renderer
        self._on = on
        self._formatted: dict[str, Renderer] = {}
        self._shown: dict[str, str] = {}
        self._thinking: dict[str, bool] = {}  # by display id: whether the thinking is still going on
        self._task: asyncio.Task[Any] | None = None
        self._interrupting: Any = None

    async def async_execute_cell(self, cell: Any, cell_index: int, *arguments: Any, **options: Any) -> Any:
        """Write the cell's source, then execute it."""
        self._take_interrupts()
        if self.stopped:
            raise asyncio.CancelledError
        if cell.cell_type == "code" and cell.source.strip():
            self._write(f"\n{self._echo(visible(cell.source))}\n")
        done = await super().async_execute_cell(cell, cell_index, *arguments, **options)
        if cell.cell_type == "code" and cell.get("outputs"):
            self._write("\n")
        return done

    def _echo(self, source: str) -> str:
        """Return a cell as typed at a prompt: its code as it is, questions and comments broken into lines."""
        is_question = source.startswith("%%deepseek")
        shown = []
        for line in source.splitlines():
            is_prose = is_question or "%deepseek" in line or line.startswith("#")
            wrapping = Wrapping(self._on.width if is_prose else None, "... ")
            shown.append(wrapping.feed(line) + wrapping.flush())
        return "\n".join(shown).replace("...", ">>>", 1)

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Write what ``msg`` adds to the visible output, then store it as usual."""
        content = msg["content"]
        match msg["msg_type"]:
            case "stream":
                self._write(self._on.broken(visible(content["text"])))
            case "display_data" | "update_display_data" | "execute_result":
                self._follow(content)
            case _:
                pass
        return super().process_message(msg, cell, cell_index)

    def _follow(self, content: dict[str, Any]) -> None:
        text = content.get("data", {}).get("text/plain", "")
        display_id = content.get("transient", {}).get("display_id", "")
        shown = self._shown.get(display_id, "") if display_id else ""
        said = content.get("metadata", {}).get("deepseek_magic")
        ended = said is not None and not is_open(said)
        if text.startswith(UNFINISHED) and not ended:  # this placeholder is for files that are saved meanwhile
            text = ""
        html = content.get("data", {}).get("text/html", "")
        beside = NoticeReader(html) if ended or not shown else NoticeReader("")
        if display_id and self._renderer is not None and html.startswith('<div class="deepseek '):
            self._follow_formatted(display_id, text, beside, ended=ended)
            return
        if display_id:
            self._follow_thinking(display_id, beside.thinking, over=ended or bool(text))
        if text.startswith(shown):
            new = visible(text[len(shown) :])
            self._write(new if display_id else self._on.broken(new))
        elif text:
            self._write("\n" + visible(text))
        if display_id:
            self._shown[display_id] = text
        for notice in beside.notices if ended else ():
            self._write(f"{chr(10) if text else ''}[{visible(notice)}]\n")

    def _follow_formatted(self, display_id: str, text: str, beside: NoticeReader, *, ended: bool) -> None:
        """Show what is new in a reply."""
        view, shown = self._formatted.get(display_id), self._shown.get(display_id, "")
        if view is None and self._renderer is not None and display_id not in self._shown:
            view = self._formatted[display_id] = self._renderer()
            view.open()
        if view is None:
            return
        if (text or ended) and not shown and beside.thinking:
            view.show((ReasoningDelta(beside.thinking.removeprefix("Thinking · ")),))
        if text.startswith(shown) and len(text) > len(shown):
            view.show((TextDelta(text[len(shown) :]),))
            self._shown[display_id] = text
        if ended:
            del self._formatted[display_id]
            self._shown[display_id] = text
            view.close(Ending(text, notices=tuple(beside.notices)))

    def _follow_thinking(self, display_id: str, thinking: str, *, over: bool) -> None:
        """Write one line: its first word when the thinking begins, the figures when it has ended."""
        if thinking and display_id not in self._thinking:
            self._thinking[display_id] = True
            self._write("Thinking")
        if over and self._thinking.get(display_id):
            self._thinking[display_id] = False
            self._write(visible(thinking.removeprefix("Thinking")) + "\n\n")

    def _take_interrupts(self) -> None:
        """Handle interrupts here, because the client would end the kernel while the cell runs."""
        self._task = asyncio.current_task()
        with contextlib.suppress(RuntimeError, ValueError):  # Windows, or not in the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._stop)

    def _stop(self) -> None:
        if self.stopped and self._task is not None:
            self._task.cancel()
        elif self.km is not None:
            self.stopped = True
            self._interrupting = asyncio.ensure_future(ensure_async(self.km.interrupt_kernel()))


class NoticeReader(HTMLParser):
    """Reads the HTML of a reply, live or finished. It relies on our CSS classes, which a model's text cannot contain.

    Attributes:
        thinking: the heading of the thinking; "" if there is none.
        notices: the notices, such as that the reply is incomplete.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.thinking = ""
        self.notices: list[str] = []
        self._inside = ""
        self._thought = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter a notice, or the heading of the thinking."""
        classes = (dict(attrs).get("class") or "").split()
        if tag == "div" and "deepseek-notice" in classes:
            self._inside = tag
            self.notices.append("")
        elif tag == "details" and "deepseek-reasoning" in classes:
            self._thought = True
        elif tag == "summary" and self._thought:
            self._inside, self._thought = tag, False

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Add to its text."""
        if self._inside == "div":
            self.notices[-1] += data
        elif self._inside:
            self.thinking += data
