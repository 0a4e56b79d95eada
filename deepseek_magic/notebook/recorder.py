"""`Recorder`: record what a shell executes: sources, outputs and the last error.

Only by documented events and hooks: IPython's ``pre_run_cell`` and ``post_run_cell``, `threading.excepthook`, a filter
on the logger of asyncio, and ipykernel's message hooks on displays and streams (``register_hook``). If there is no
hook for streams (ipykernel before 6.23, terminals), what IPython 9 keeps of its own accord is read instead; with
IPython 8 what was printed is not known there. Not known anywhere: what a thread of the user's displayed, and outputs
from before the recorder, apart from what IPython kept.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from deepseek_magic.forks import in_child

from .cells import ExecutedCell
from .error.failure import Failure, exception_text, is_ours
from .kernel import in_terminal, parent_message
from .raised import ErrorsElsewhere, failure_of
from .recording import Recording, picture_in, replay

#: Executions whose outputs are kept, and most characters of all outputs together.
CELLS, ALL_OUTPUTS = 1_000, 16_000_000
_OPEN = 16


class Recorder:
    """Records one shell. Streams come on the kernel's output thread, all else on the executing thread."""

    def __init__(self, shell: Any) -> None:
        self.failure: Failure | None = None
        self.image = b""
        self._shell = shell
        self._lock = threading.Lock()
        self._open: list[Recording] = []
        self._done: dict[int, Recording] = {}
        self._by_message: dict[str, Recording] = {}
        self._streams: list[Any] = []
        self._unhook: list[Callable[[], object]] = []
        self._started = False
        self._shown: Any = None
        self._elsewhere = ErrorsElsewhere(shell, self._note_elsewhere)
        in_child(self, Recorder._leave_to_parent)

    def _leave_to_parent(self) -> None:
        self._lock = threading.Lock()

    def start(self) -> None:
        """Register the events and hooks."""
        self._started = True
        self._shown = getattr(sys, "last_value", None)
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)
        for publisher in (self._shell.display_pub, self._shell.displayhook):
            self._hook(publisher)
        self._hook_streams()
        self._elsewhere.start()
        parent = parent_message(self._shell)
        content = parent.get("content") or {}
        if content.get("store_history") and not content.get("silent"):
            self._begin(Recording.of(str(content.get("code", "")), parent))

    def stop(self) -> None:
        """Unregister them, and forget everything."""
        for event, heard in (("pre_run_cell", self._before), ("post_run_cell", self._after)):
            if heard in self._shell.events.callbacks[event]:
                self._shell.events.unregister(event, heard)
        while self._unhook:
            self._unhook.pop()()
        self._elsewhere.stop()
        self._started = False
        self._forget()

    def _forget(self) -> None:
        self.failure, self.image = None, b""
        with self._lock:
            self._open, self._done, self._by_message = [], {}, {}

    def executed(self) -> tuple[ExecutedCell, ...]:
        """Return every executed cell, oldest first, without those that are running."""
        with self._lock:
            known = [self._done[count].cell() for count in sorted(self._done)]
        typed = self._shell.history_manager.input_hist_raw
        running = 1 if self._open or not self._started else 0
        end = known[0].count if known else len(typed) - running
        return (*(self._before_recording(count, typed[count]) for count in range(1, min(end, len(typed)))), *known)

    def _before_recording(self, count: int, source: str) -> ExecutedCell:
        """Return a cell that ran before the recorder did, or whose recording was dropped."""
        history = self._shell.history_manager
        recording = Recording.of(source, {})
        recording.count = count
        kept = getattr(history, "outputs", None)
        if kept is not None:
            replay(recording, kept.get(count, []), in_terminal=in_terminal(self._shell))
        elif count in history.output_hist_reprs:
            recording.display({"text/plain": history.output_hist_reprs[count]}, {})
        failed = getattr(history, "exceptions", {}).get(count)
        if isinstance(failed, dict):
            recording.finish(count, f"{failed.get('ename')}: {failed.get('evalue')}", failed=True)
        recording.ended, recording.streams = 0.0, kept is not None
        return recording.cell()

    # Events

    def _before(self, info: Any) -> None:
        if info.store_history:
            if not self._streams:  # they were redirected when this was loaded
                self._hook_streams()
            if self._done and self._shell.execution_count <= max(self._done):
                self._forget()  # %reset began a new session, and the counts start again
            self._note_callback()
            self._begin(Recording.of(info.raw_cell or "", parent_message(self._shell), info))

    def _begin(self, recording: Recording) -> None:
        recording.error_before = getattr(sys, "last_value", None)
        with self._lock:
            self._open = [*self._open[-_OPEN:], recording]
            if recording.message and recording.message not in self._by_message:
                self._by_message[recording.message] = recording

    def _after(self, result: Any) -> None:
        self._shown = getattr(sys, "last_value", None)
        if result is None or result.info is None:
            return
        error = result.error_in_exec or result.error_before_exec
        failed = error is not None
        recording = self._ended(result.info)
        if recording is None:
            outer = self._running()
            if error is not None and outer is not None:
                self._note_failure(error, outer, len(self._shell.history_manager.input_hist_raw) - 1)
            return
        count = result.execution_count or len(self._shell.history_manager.input_hist_raw) - 1
        shown = self._shown
        if error is None and isinstance(shown, BaseException) and shown is not recording.error_before:
            error = shown  # some magics (%run) show an error and go on
        if error is not None:
            self._note_failure(error, recording, count)
        text = exception_text(error) if error is not None else ""
        with self._lock:
            self._complete(recording, result, count)
            recording.finish(count, text, failed=failed)
            self._keep(recording)

    def _ended(self, info: Any) -> Recording | None:
        """Return the open recording of the execution that ended, and close it; ``None`` if it was one inside it."""
        if not info.store_history:
            return None
        with self._lock:
            for recording in reversed(self._open):
                # a cell that was stopped hard ends with another info of the same text
                if recording.info is info or recording.source == (info.raw_cell or "").rstrip("\n"):
                    self._open.remove(recording)
                    return recording
        return None

    def _running(self) -> Recording | None:
        message = str(parent_message(self._shell).get("header", {}).get("msg_id", ""))
        with self._lock:
            return next((one for one in reversed(self._open) if one.message == message), None)

    def _complete(self, recording: Recording, result: Any, count: int) -> None:
        """Add what no hook reported: everything if there are no hooks, or the result."""
        history = self._shell.history_manager
        recording.streams = bool(self._streams) or hasattr(history, "outputs")
        if not self._streams and recording.streams and not recording.is_question:
            terminal, kept = in_terminal(self._shell), history.outputs.get(count, [])
            kept = [one for one in kept if terminal or one.output_type != "display_data"]
            recording.pieces = [piece for piece in recording.pieces if piece.kind == "display"]
            replay(recording, kept, in_terminal=terminal)
        elif not any(piece.kind == "result" for piece in recording.pieces):
            ours = type(result.result).__module__.startswith("deepseek_magic.")
            shown = history.output_hist_reprs.get(count)
            if shown is not None and not ours and result.result is not None:
                recording.display({"text/plain": shown}, {}, kind="result")

    def _keep(self, recording: Recording) -> None:
        self._done[recording.count] = recording
        total = 0
        for count in reversed(self._done):
            total += len(self._done[count])
            if total > ALL_OUTPUTS:
                self._done[count].forget()
        while len(self._done) > CELLS:
            dropped = self._done.pop(next(iter(self._done)))
            self._by_message.pop(dropped.message, None)

    def _note_failure(self, error: BaseException, recording: Recording, count: int) -> None:
        if not is_ours(error) and not recording.is_question:
            self.failure = Failure(error, recording.source, count, recording.cell_id, recording.ignored)

    def _note_callback(self) -> None:
        """Note what was shown after the last cell, such as the error of a button's callback."""
        shown = getattr(sys, "last_value", None)
        if isinstance(shown, Exception) and shown is not self._shown and not is_ours(shown):
            self._note_elsewhere(failure_of(self._shell, shown, "a callback"))

    def _note_elsewhere(self, failure: Failure) -> None:
        """Note what ended a thread or a task; what the front end said of its cell is in the recording."""
        with self._lock:
            known = [*self._open, *filter(None, [self._done.get(failure.count)])]
        recording = next((one for one in reversed(known) if one.source == failure.source), None)
        if recording is not None:
            failure = replace(failure, cell_id=recording.cell_id, ignored=recording.ignored)
        self.failure = failure

    # Hooks

    def _hook(self, publisher: Any) -> None:
        register = getattr(publisher, "register_hook", None)
        if register is not None:
            register(self._heard)
            self._unhook.append(lambda: publisher.unregister_hook(self._heard))

    def _hook_streams(self) -> None:
        """Listen to the kernel's streams, unless they are redirected."""
        if in_terminal(self._shell):
            return
        streams: list[Any] = [sys.stdout, sys.stderr]
        if all(hasattr(stream, "register_hook") and hasattr(stream, "pub_thread") for stream in streams):
            self._streams = streams
            for stream in streams:
                self._hook_stream(stream)

    def _hook_stream(self, stream: Any) -> None:
        # Hooks belong to a thread, and a stream sends on the kernel's output thread.
        def on_output_thread(call: Callable[[Any], object]) -> None:
            if stream.pub_thread is not None:
                stream.pub_thread.schedule(lambda: call(self._heard))

        on_output_thread(stream.register_hook)
        self._unhook.append(lambda: on_output_thread(stream.unregister_hook))

    def _heard(self, message: dict[str, Any]) -> dict[str, Any]:
        """Record a message on its way to the front end, and pass it on."""
        recording = self._recording_of(message)
        if recording is not None:
            # whatever goes wrong here: a fault of ours must not keep the user's output from the page
            with suppress(Exception), self._lock:
                self._take(recording, str(message["header"]["msg_type"]), message["content"])
        return message

    def _take(self, recording: Recording, kind: str, content: Mapping[str, Any]) -> None:
        match kind:
            case "stream":
                recording.stream(str(content["name"]), str(content["text"]))
            case "clear_output":
                recording.clear(bool(content.get("wait")))
            case _:
                self._take_bundle(recording, kind, content)

    def _take_bundle(self, recording: Recording, kind: str, content: Mapping[str, Any]) -> None:
        data, metadata = content.get("data") or {}, content.get("metadata") or {}
        self.image = picture_in(data) or self.image
        display_id = str((content.get("transient") or {}).get("display_id", ""))
        if kind == "update_display_data":
            for one in (recording, *self._done.values()):
                if one.update(data, metadata, display_id):
                    return
        else:
            recording.display(data, metadata, display_id, "result" if kind == "execute_result" else "display")

    def _recording_of(self, message: Mapping[str, Any]) -> Recording | None:
        """Return the recording that a message belongs to; our own questions are not recorded."""
        recording = self._by_message.get(str((message.get("parent_header") or {}).get("msg_id", "")))
        return None if recording is None or recording.is_question else recording
