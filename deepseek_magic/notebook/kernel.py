"""`Kernel`: the only access to the shell: its message, the cell that asks, the notebook's path."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from deepseek_magic.render.front_ends import NBCLIENT, TERMINAL, known_as, recognised

if TYPE_CHECKING:
    from deepseek_magic.render.choose import FrontEnd

#: Cells that are looked at for the one that was compiled under a name, the last ones.
_LOOKED_AT = 1_000


class Kernel:
    """The shell in which the user works, as a question meets it; it has no kernel where it runs in a terminal.

    Args:
        shell: the IPython shell; ``None`` if there is none.
        environ: the kernel's environment.
        wanted: returns what the user has configured, by field name; ``None`` if nothing can be.
    """

    def __init__(
        self,
        shell: Any,
        environ: Mapping[str, str] = MappingProxyType({}),
        wanted: Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        self.shell = shell
        self._environ = environ
        self._wanted = wanted
        #: Whether no kernel runs the code.
        self.in_terminal = in_terminal(shell)
        self._execution = ""
        self._asked = 0

    @classmethod
    def here(cls, environ: Mapping[str, str] = MappingProxyType({})) -> Kernel:
        """Return the shell in which this code runs, with its ``environ``."""
        interactive: Any = sys.modules.get("IPython")  # if it was never imported, there is no shell
        kernel = cls(None if interactive is None else interactive.get_ipython(), environ)
        if kernel.magics is not None:
            kernel._wanted = kernel.magics.settings
        return kernel

    @property
    def magics(self) -> Any:
        """Our magics if the extension is loaded; else ``None``."""
        found = None if self.shell is None else self.shell.magics_manager.registry.get("DeepSeek")
        return found if type(found).__module__.startswith("deepseek_magic.") else None

    @property
    def client(self) -> str:
        """The session id of the page that asks, which changes when the page is reloaded; "" for none."""
        return str(parent_message(self.shell).get("header", {}).get("session") or "")

    @property
    def cell_id(self) -> str:
        """The id of the running cell in the notebook's file; "" if the front end does not say it."""
        return str((parent_message(self.shell).get("metadata") or {}).get("cellId") or "")

    @property
    def execution(self) -> int:
        """The number that the cell that runs shows in brackets; 0 if there is none.

        The shell's own count is that of the next cell by then, from IPython 9 on.
        """
        history = getattr(self.shell, "history_manager", None)
        return 0 if history is None else len(history.input_hist_raw) - 1

    def identity(self) -> str:
        """Return the id of the question that is being asked, which stays the same when its cell is run again.

        The front end names the cell in the request's metadata (``cellId``). If it does not (nbclient, consoles,
        terminals) the identity is "": equal words in two cells would pass for one cell that is run again. Several
        questions of one execution are distinguished by their order.
        """
        parent = parent_message(self.shell)
        header = parent.get("header", {})
        if header.get("msg_type") != "execute_request":
            return ""
        if header.get("msg_id") != self._execution:
            self._execution, self._asked = header.get("msg_id", ""), 0
        self._asked += 1
        cell = (parent.get("metadata") or {}).get("cellId")
        if not isinstance(cell, str) or not cell:
            return ""
        return cell if self._asked == 1 else f"{cell}#{self._asked}"

    def front_end(self) -> FrontEnd:
        """Return the front end in which a reply is shown, with what the user set about it."""
        from deepseek_magic.render.choose import FrontEnd  # loading needs none of it

        if self.in_terminal:
            return FrontEnd(execution=self.execution, known=TERMINAL)
        parent = parent_message(self.shell)
        watched = bool(parent.get("content", {}).get("allow_stdin", True))
        wanted = self._wanted() if self._wanted is not None else {}
        said = known_as(wanted.get("front_end", "auto"))
        known = said or (recognised(self.shell.user_ns, sys.modules, self._environ) if watched else NBCLIENT)
        displays: Any = sys.modules.get("IPython.core.displaypub")
        publisher = getattr(self.shell, "display_pub", None)
        return FrontEnd(
            in_kernel=True,
            watched=watched,
            captured=isinstance(publisher, displays.CapturingDisplayPublisher) or hasattr(publisher, "captures"),
            message=str(parent.get("header", {}).get("msg_id") or ""),
            execution=self.execution,
            known=known,
            is_named=said is not None,
            needs=known.needs(wanted.get("maths", "auto")),
            subshells=known.name in ("lab", "notebook") and _hears_clicks(),
            names_cells=bool(self.cell_id),
        )

    def shown_here(self, *, quiet: bool = False) -> Callable[[], bool] | None:
        """Return what says whether a reply need not be shown as a value; ``None`` if there is no shell.

        A streamed one is there already; a quiet one is not, but as the result of its own statement it stays quiet.
        The execution count would not do to recognise the execution that streamed it: a widget's callback runs between
        two cells, with the count of the next.
        """
        if self.shell is None:
            return None
        started = self._now()
        return lambda: self._now() == started and (not quiet or is_result_of_a_magic())

    def _now(self) -> object:
        """Return an object that identifies the current execution."""
        # Subshells that run beside it raise the count; a terminal has no message.
        message = str(parent_message(self.shell).get("header", {}).get("msg_id", ""))
        return message or self.shell.execution_count

    def bind(self, name: str, value: object) -> None:
        """Bind the user's variable ``name`` to ``value``."""
        self.shell.user_ns[name] = value

    def keep_as_result(self, value: object) -> None:
        """Bind ``value`` to ``_`` in a terminal, where the results of our magics are not displayed."""
        if self.shell is not None and self.in_terminal:
            self.shell.displayhook.update_user_ns(value)

    def at_end_of_cell(self, act: Callable[[], BaseException | None]) -> None:
        """Call ``act`` once when the running cell has ended; an error that it returns makes the cell fail."""

        def ended(result: Any = None) -> None:
            self.shell.events.unregister("post_run_cell", ended)
            error = act()
            if error is not None and result is not None and result.error_before_exec is result.error_in_exec is None:
                result.error_in_exec = error  # the kernel makes its answer of it, once the events are over
                self.shell.showtraceback((type(error), error, error.__traceback__))

        self.shell.events.register("post_run_cell", ended)

    def set_next_cell(self, source: str) -> None:
        """Put ``source`` into the next cell."""
        self.shell.set_next_input(source, replace=False)


def _hears_clicks() -> bool:
    """Return whether the kernel serves messages of widgets in a thread of its own (subshells), while a cell runs.

    Measured in JupyterLab 4.6 and Notebook 7.6, which ask for one: ipykernel 7.0 to 7.3 do. Earlier ones have none; 7.4
    sends the messages to the shell that last used the widget, which is the busy one.
    """
    module: Any = sys.modules.get("ipykernel")
    return (7, 0) <= tuple(getattr(module, "version_info", ())[:2]) < (7, 4)


def is_result_of_a_magic() -> bool:
    """Return whether the display hook is at work on a statement that is a call of a magic and nothing else.

    Which value that is the hook does not say; the statement is the code that called the hook.
    """
    hook = getattr(type(sys.displayhook).__call__, "__code__", None)
    frame = sys._getframe()
    while frame.f_back is not None:
        if frame.f_code is hook:
            return set(frame.f_back.f_code.co_names) <= {"get_ipython", "run_line_magic", "run_cell_magic"}
        frame = frame.f_back
    return False


def parent_message(shell: Any) -> dict[str, Any]:
    """Return the message that the kernel of ``shell`` is processing; empty in a terminal."""
    kernel = getattr(shell, "kernel", None)
    get = getattr(kernel, "get_parent", None) or getattr(shell, "get_parent", None)
    parent = get() if kernel is not None and get is not None else None
    return parent if isinstance(parent, dict) else {}


def in_terminal(shell: Any) -> bool:
    """Return whether ``shell`` runs in a terminal, without a kernel and without cells to run again."""
    return getattr(shell, "kernel", None) is None


def transform(shell: Any) -> Callable[[str], str]:
    """Return a function that converts IPython syntax to Python, without running any of it."""
    transformed: Callable[[str], str] = shell.input_transformer_manager.transform_cell
    return transformed


def cell_of(shell: Any) -> Callable[[str], int | None]:
    """Return what gives the execution count of the cell that was compiled under a file name (``None``: no cell)."""
    name_of = getattr(shell.compile, "format_code_name", None)

    def count(file: str) -> int | None:
        # ("Cell", "In[3]") is what IPython's own tracebacks say
        named = name_of(file) if name_of is not None else None
        found = re.search(r"\[(\d+)\]", str(named[1])) if named else re.match(r"<ipython-input-(\d+)-", file)
        if found is None and name_of is None and "ipykernel_" in file:
            return _older_cell_of(shell, file)
        return int(found[1]) if found else None

    return count


def _older_cell_of(shell: Any, file: str) -> int | None:
    """Return the latest cell that a kernel under IPython 7 compiled as ``file``, a name that is made of its source.

    What a magic runs of its cell is in no history: it is of the cell that runs.
    """
    typed = shell.history_manager.input_hist_raw
    for count in range(len(typed) - 1, max(0, len(typed) - _LOOKED_AT), -1):
        if shell.compile.get_code_name(typed[count], typed[count], count) == file:
            return count
    return len(typed) - 1


def notebook_path(shell: Any, environ: Mapping[str, str]) -> Path | None:
    """Return the file of the notebook that ``shell`` runs, where the front end names it.

    VS Code puts it into the namespace, Jupyter Server (2.0 and later) into ``environ``, the kernel's environment.
    """
    for named in (shell.user_ns.get("__vsc_ipynb_file__"), environ.get("JPY_SESSION_NAME")):
        if isinstance(named, str) and named.endswith(".ipynb"):
            return Path(named)
    return None


def notebook_folder(shell: Any, environ: Mapping[str, str]) -> Path:
    """Return the folder of the notebook that ``shell`` runs; the one it works in where no file of it is known."""
    path = notebook_path(shell, environ)
    return path.parent if path is not None and path.is_absolute() and path.exists() else Path.cwd()
