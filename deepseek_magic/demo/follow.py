"""A notebook client that writes replies to the terminal while they stream in the kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbclient import NotebookClient

from deepseek_magic.errors import visible


class FollowedClient(NotebookClient):
    """Executes a notebook and writes each cell and its plain-text output as it comes.

    The kernel's `display` back end sends the source so far as ``text/plain`` with each update; what is new of it is
    written. ``write`` takes the text.
    """

    def __init__(self, notebook: Any, write: Callable[[str], object], **options: Any) -> None:
        super().__init__(notebook, **options)
        self._write = write
        self._shown: dict[str, str] = {}

    async def async_execute_cell(self, cell: Any, cell_index: int, *arguments: Any, **options: Any) -> Any:
        """Write the cell's source, then execute it."""
        if cell.cell_type == "code" and cell.source.strip():
            lines = visible(cell.source).splitlines()
            self._write("\n" + "\n".join(f"{'>>>' if n == 0 else '...'} {line}" for n, line in enumerate(lines)) + "\n")
        done = await super().async_execute_cell(cell, cell_index, *arguments, **options)
        if cell.cell_type == "code" and cell.get("outputs"):
            self._write("\n")
        return done

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Write what ``msg`` adds to what is seen, then store it as usual."""
        content = msg["content"]
        match msg["msg_type"]:
            case "stream":
                self._write(visible(content["text"]))
            case "display_data" | "update_display_data" | "execute_result":
                self._follow(content)
            case _:
                pass
        return super().process_message(msg, cell, cell_index)

    def _follow(self, content: dict[str, Any]) -> None:
        text = content.get("data", {}).get("text/plain", "")
        display_id = content.get("transient", {}).get("display_id", "")
        shown = self._shown.get(display_id, "") if display_id else ""
        if text.startswith(shown):
            self._write(visible(text[len(shown) :]))
        elif text:
            self._write("\n" + visible(text))
        if display_id:
            self._shown[display_id] = text
