"""Ask DeepSeek from a notebook cell, and watch the formatted reply stream in.

In a notebook::

    %load_ext deepseek_magic
    %deepseek What is a p-value?

In Python::

    import deepseek_magic
    reply = deepseek_magic.ask("What is a p-value?", model="deepseek-flash")
    print(reply.text)

Everything but the version is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Unpack

    from .app.python_api import Conversation, ask
    from .batch.results import Mapped
    from .description import describe
    from .settings.parameters import Options
    from .tools.signatures import confirm

__all__ = ["Conversation", "__version__", "ask", "confirm", "describe", "map"]

#: What is imported when it is first used, and from where.
_LATE = {
    "ask": "deepseek_magic.app.python_api",
    "Conversation": "deepseek_magic.app.python_api",
    "describe": "deepseek_magic.description",
    "confirm": "deepseek_magic.tools.signatures",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})


def map(  # noqa: A001  # what it is, over values
    values: Iterable[Any],
    prompt: str,
    *,
    schema: Any = None,
    jobs: int = 20,
    fresh: bool = False,
    show: bool = True,
    **options: Unpack[Options],
) -> Mapped:
    """Ask ``prompt`` of each of ``values``, many at a time, and return the results in order.

    Args:
        values: a list or a column; the labels of a pandas Series are kept (``.to_series()``, ``.to_frame()``).
        prompt: with ``{value}`` where each value goes; all else is sent as it is.
        schema: what each result is to be: a JSON Schema, a dataclass, a TypedDict, a pydantic model, a type; ``None``
            for text.
        jobs: how many are asked at a time.
        fresh: whether values that were answered before, in this session, are asked again.
        show: whether a progress bar and an estimate of the cost are shown.
        **options: as for `Conversation`; ``max_cost`` is the most US dollars that the whole run may cost.

    Equal values are asked once. A value that is missing (``None``, NaN, ``pandas.NA``, NaT) is not asked, and has
    ``None`` for a result. So has a value that fails; its reason is in ``.errors``, by position.
    Inside ``joblib.parallel_config("dask")`` (or ``"ray"``) the same call runs on that cluster, whose processes find
    the key in their own variable DEEPSEEK_API_KEY; that needs the extra ``cluster``, which installs joblib.

    Raises:
        DeepSeekError: what would make every value fail; its ``reply`` holds the results so far.
        KeyboardInterrupt: the user stopped it; run it again to go on where it stood.
    """
    from .app.mapping import Wanted, hidden_in, map_values
    from .app.python_api import checked_options
    from .app.session import session_of
    from .batch.values import read
    from .notebook.kernel import Kernel
    from .render.progress import bar_for, no_bar, say_nothing
    from .settings.parameters import Options

    kernel = Kernel.here()
    session, config = session_of(kernel)
    settled, shell = config(), kernel.shell
    names = getattr(shell, "user_ns", None)
    hidden = None if shell is None else hidden_in(shell)
    wanted = Wanted(prompt, checked_options(options, Options), schema, names, jobs, fresh, hidden)
    progress = bar_for(settled.get("renderer") or "auto", kernel.front_end()) if show else no_bar
    say = print if show else say_nothing
    return map_values(session, settled, read(values, "values"), wanted, progress=progress, say=say)


def load_ipython_extension(ipython: Any) -> None:
    """Load the magics; IPython calls this for ``%load_ext deepseek_magic``."""
    from .magics.extension import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Undo everything that loading did; IPython calls this for ``%unload_ext deepseek_magic``."""
    from .magics.extension import unload

    unload(ipython)
