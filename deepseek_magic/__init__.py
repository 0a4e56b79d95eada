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

from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from typing_extensions import Unpack

    from .batch.results import Mapped
    from .chat.reply import Reply
    from .description import describe
    from .settings.parameters import Changes, Options
    from .tools.signatures import confirm

__all__ = ["Conversation", "__version__", "ask", "confirm", "describe", "map"]

#: What is imported when it is first used, and from where.
_LATE = {"describe": "deepseek_magic.description", "confirm": "deepseek_magic.tools.signatures"}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        from importlib import import_module

        return getattr(import_module(_LATE[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


class Conversation:
    """A conversation from Python: each question is asked with the turns before it.

    Args:
        **options: settings of every question, by field name (``model``, ``system``, ``thinking``, ``temperature``,
            ``top_p``, ``max_tokens``, ``stop``, ``timeout``, ``base_url``, ``history_tokens``); what is left out comes
            from ``%config DeepSeek`` where the extension is loaded, then from the environment, then from the defaults.
    """

    def __init__(self, **options: Unpack[Options]) -> None:
        self._options = _checked(options)
        self._session, self._config = _session_and_config()
        self._conversation = self._session.owned_conversation(self)

    def ask(self, text: str, *, show: bool = False, **options: Unpack[Options]) -> Reply:
        """Ask ``text`` and return the reply.

        Args:
            text: the question, sent byte for byte.
            show: show the reply while it comes, as the magics do.
            **options: as for the conversation, for this question only.

        Raises:
            DeepSeekError: see `deepseek_magic.errors`; its ``reply`` holds what had arrived.
        """
        values = {**self._options, **_checked(options)}
        return _ask(self._session, self._config(), text, values, show=show, chat=self._conversation)

    def resume(self, *, show: bool = False, **options: Unpack[Changes]) -> Reply:
        """Go on with the last reply where it was cut, and return the whole of it.

        Args:
            show: show the reply while it comes, in its place where it was shown before.
            **options: ``model``, ``max_tokens``, ``thinking``, ``timeout`` or ``max_cost`` for the rest; everything
                else stays as the question was asked.

        Raises:
            QuestionError: there is no reply that was cut.
            DeepSeekError: as for `ask`.
        """
        from .notebook.kernel import Kernel

        kernel = Kernel(_shell())
        reply: Reply = self._session.resume(
            _checked(options, changes=True),
            lambda place: self._session.screen.renderer("auto" if show else "none", kernel.front_end(), place),
            chat=self._conversation,
        )
        return reply


def ask(text: str, *, show: bool = False, **options: Unpack[Options]) -> Reply:
    """Ask ``text`` outside of any conversation and return the reply; see `Conversation` for ``options``."""
    session, config = _session_and_config()
    return _ask(session, config(), text, {**_checked(options), "no_memory": True}, show=show)


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
    from .batch.values import read
    from .notebook.kernel import Kernel
    from .render.progress import bar_for, no_bar, say_nothing

    session, config = _session_and_config()
    shell = _shell()
    names = getattr(shell, "user_ns", None)
    settled = config()
    return map_values(
        session,
        settled,
        read(values, "values"),
        Wanted(prompt, _checked(options), schema, names, jobs, fresh, None if shell is None else hidden_in(shell)),
        progress=bar_for(settled.get("renderer") or "auto", Kernel(shell).front_end()) if show else no_bar,
        say=print if show else say_nothing,
    )


def _ask(
    session: Any, config: dict[str, Any], text: str, values: dict[str, Any], *, show: bool, chat: Any = ""
) -> Reply:
    from .errors import QuestionError
    from .notebook.kernel import Kernel

    if not isinstance(text, str):
        msg = f"the question is of the type {type(text).__name__}: expected a text"
        raise QuestionError(msg)
    kernel = Kernel(_shell())
    question = session.question(text, values, config)
    reply: Reply = session.ask(
        question,
        lambda: session.screen.renderer("auto" if show else "none", kernel.front_end()),
        chat=chat,
        shown_here=kernel.shown_here() if show else None,
    )
    return reply


def _session_and_config() -> tuple[Any, Callable[[], dict[str, Any]]]:
    """Return the kernel's session and settings where the extension is loaded, else those of this process."""
    from .app.session import process_session

    shell = _shell()
    if shell is not None:
        from .magics.extension import loaded

        magics = loaded(shell)
        if magics is not None:
            return magics.session, magics.settings
    return process_session(), dict


def _checked(options: Mapping[str, Any], *, changes: bool = False) -> dict[str, Any]:
    """Return ``options``, keyword arguments whose names are settings; with ``changes``, those of a reply's rest."""
    from difflib import get_close_matches

    from .settings.parameters import Changes, Options

    known = (Changes if changes else Options).__annotations__
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, 1, 0.6)
            hint = f" (did you mean {near[0]}?)" if near else ""
            msg = f"unknown option {name!r}{hint}: expected one of {', '.join(known)}"
            raise TypeError(msg)
    return dict(options)


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()


def load_ipython_extension(ipython: Any) -> None:
    """Load the magics; IPython calls this for ``%load_ext deepseek_magic``."""
    from .magics.extension import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Undo everything that loading did; IPython calls this for ``%unload_ext deepseek_magic``."""
    from .magics.extension import unload

    unload(ipython)
