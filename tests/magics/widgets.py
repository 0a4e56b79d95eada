"""What a page does with `Output` widgets, after the browser's half of ipywidgets (`output.ts`); and clicks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nbformat

from tests.kernel import WIDGET, Kernel, Running

_TAKEN = ("display_data", "execute_result", "stream", "error")


class Page:
    """The `Output` widgets of a kernel: feed it each message, and ask what is seen in one of them.

    A widget takes the output of the message that its ``msg_id`` names, the one that asked last first. It ignores
    updates of a display.
    """

    def __init__(self) -> None:
        self.outputs: dict[str, list[Any]] = {}
        self._taking: dict[str, str] = {}  # widget → message, in the order of asking
        self._clear: set[str] = set()

    def take(self, message: Mapping[str, Any]) -> None:
        """Take in one message of the kernel."""
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_open" and content["data"].get("state", {}).get("_model_name") == "OutputModel":
            self.outputs[content["comm_id"]] = []
        if kind in ("comm_open", "comm_msg") and content["comm_id"] in self.outputs:
            self._change(content["comm_id"], content["data"].get("state", {}))
        elif kind == "comm_close":
            self.outputs.pop(content["comm_id"], None)
        elif kind in (*_TAKEN, "clear_output"):
            parent = message["parent_header"].get("msg_id")
            taker = next((widget for widget, wanted in reversed(self._taking.items()) if wanted == parent), None)
            if taker is not None:
                self._fill(taker, message)

    def _change(self, widget: str, state: Mapping[str, Any]) -> None:
        if "outputs" in state:
            self.outputs[widget] = [nbformat.from_dict(output) for output in state["outputs"]]
        if "msg_id" in state:
            self._taking.pop(widget, None)
            if state["msg_id"]:
                self._taking[widget] = state["msg_id"]

    def _fill(self, widget: str, message: Mapping[str, Any]) -> None:
        if widget in self._clear or (message["msg_type"] == "clear_output" and not message["content"]["wait"]):
            self._clear.discard(widget)
            self.outputs[widget] = []
        if message["msg_type"] == "clear_output":
            self._clear |= {widget} if message["content"]["wait"] else set()
        else:
            self.outputs[widget].append(nbformat.v4.output_from_msg(message))

    def seen(self, widget: str) -> list[str]:
        """The texts that a reader sees in ``widget``, those of widgets in it included."""
        texts: list[str] = []
        for output in self.outputs[widget]:
            inner = output.get("data", {}).get(WIDGET, {}).get("model_id")
            if inner in self.outputs:
                texts += self.seen(inner)
            elif output.output_type == "stream":
                texts.append(output.text)
            elif output.output_type == "error":
                texts.append(output.traceback[0])
            else:
                texts.append(output.data.get("text/plain", ""))
        return texts


def tell(kernel: Kernel, widget: str, **data: Any) -> list[dict[str, Any]]:
    """Send ``data`` to a widget as the page does; returns the messages that came until the kernel was done with it."""
    message = kernel.client.session.msg("comm_msg", {"comm_id": widget, "data": data})
    kernel.client.shell_channel.send(message)
    running = Running(kernel, message["header"]["msg_id"], ())
    ours = message["header"]["msg_id"]
    running.until(
        lambda came: came["content"].get("execution_state") == "idle" and came["parent_header"]["msg_id"] == ours
    )
    return running.cell.messages


def click(kernel: Kernel, widget: str) -> list[dict[str, Any]]:
    """Click a button."""
    return tell(kernel, widget, method="custom", content={"event": "click"})
