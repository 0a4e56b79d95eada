"""Questions from Python: `ask`, `stream`, `submit`, `compare` and `map`; `Conversation` is in a module of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deepseek_magic.chat.conversation import Conversation as Turns
from deepseek_magic.chat.reply import Reply
from deepseek_magic.chat.streaming import Stream
from deepseek_magic.errors import EmptyQuestion, OptionError, QuestionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.render.renderer import Renderer
from deepseek_magic.settings.compare import Compared, columns_from
from deepseek_magic.settings.parameters import Keeping, QuestionOptions, UnattendedOptions
from deepseek_magic.text import with_article

from .ask import Ask
from .ask import ask as ask_in
from .keyword_options import checked_options, takes
from .session import Session, session_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from deepseek_magic.background.pending import Pending
    from deepseek_magic.batch.results import Mapped
    from deepseek_magic.chat.side_by_side import Answers

# A question from Python is sent as it is, without the context that is configured for the magics.
_AS_TYPED = {"raw": True, "context": ("none",)}
_FOR_MAGICS = ("context", "renderer", "footer")


@takes(QuestionOptions)
def ask(text: str, *, show: bool = False, **options: Unpack[QuestionOptions]) -> Reply:
    """Ask ``text`` outside any conversation and return the reply; see `Conversation` for ``options``."""
    session, config = session_of(Kernel.here(os.environ))
    return ask_of(session, config(), text, {**checked_options(options, QuestionOptions), "no_memory": True}, show=show)


@takes(QuestionOptions)
def stream(text: str, **options: Unpack[QuestionOptions]) -> Stream:
    """Ask ``text`` outside any conversation, and return an iterator over the text of the reply as it arrives::

        stream = deepseek_magic.stream("What is a p-value?")
        for piece in stream:
            print(piece, end="")
        print(stream.reply.usage)

    See `Conversation` for ``options``, and `Stream` for what is raised. Joined, the pieces are the text of the reply,
    unless the reply is asked for again or corrected on the way.
    """
    session, config = session_of(Kernel.here(os.environ))
    return stream_of(session, config(), text, {**checked_options(options, QuestionOptions), "no_memory": True})


@takes(UnattendedOptions)
def submit(text: str, *, show: bool = False, **options: Unpack[UnattendedOptions]) -> Pending:
    """Ask ``text`` outside any conversation in the background, and return its `Pending` reply at once::

        replies = [deepseek_magic.submit(f"What is {word}?") for word in words]
        print([reply.result().text for reply in replies])

    Four questions are asked at a time, the rest wait. When the process ends, replies that have not ended are stopped.
    In a notebook ``%deepseek_jobs`` lists them, and with ``show`` the reply is shown in the cell. See `Conversation`
    for ``options``.
    """
    session, config = session_of(Kernel.here(os.environ))
    return submit_of(
        session, config(), text, {**checked_options(options, UnattendedOptions), "no_memory": True}, show=show
    )


@takes(UnattendedOptions)
def compare(text: str, columns: Compared, *, show: bool = False, **options: Unpack[UnattendedOptions]) -> Answers:
    """Ask ``text`` outside any conversation in several ways at the same time, and return the answers by label::

        answers = deepseek_magic.compare("Is 91 prime?", ["deepseek-flash", "deepseek-v4-pro"])
        answers = deepseek_magic.compare("Is 91 prime?", {"fast": {"thinking": "off"}, "slow": {"thinking": "high"}})
        for label, reply in answers.items():
            print(label, reply.text, reply.cost)

    Args:
        text: the question.
        columns: a list of models; a dict of settings by label; or what the option ``--compare`` takes, such as
            "think=off,high". At most six.
        show: whether to show the replies side by side while they arrive, as the magics do.
        **options: as for `Conversation`, for all columns; ``max_cost`` limits all of them together.

    Raises:
        DeepSeekError: no column was answered. If only some fail, they are ``None``, with the reason in ``.errors``.
    """
    session, config = session_of(Kernel.here(os.environ))
    values = {**checked_options(options, UnattendedOptions), "no_memory": True}
    return compare_of(session, config(), text, columns, values, options, show=show)


@takes(Keeping)
def map(  # noqa: A001  # what it is, over values
    values: Iterable[Any],
    prompt: str,
    *,
    schema: Any = None,
    jobs: int = 20,
    fresh: bool = False,
    show: bool = True,
    **options: Unpack[Keeping],
) -> Mapped:
    """Ask ``prompt`` of each of ``values``, many at a time, and return the results in order.

    Args:
        values: a list or a column; the labels of a pandas Series are kept (``.to_series()``, ``.to_frame()``).
        prompt: with ``{value}`` where each value goes; everything else is sent as it is.
        schema: the form of each result: a JSON Schema, a dataclass, a TypedDict, a pydantic model or a type; ``None``
            for text.
        jobs: how many values are asked about at a time.
        fresh: whether to ask again about values that were answered before in this session.
        show: whether to show a progress bar and an estimate of the cost.
        **options: as below; ``max_cost`` limits the cost of the whole run, in US dollars.

    Equal values are asked about once. A missing value (``None``, NaN, ``pandas.NA``, NaT) is not asked about, and its
    result is ``None``. So is that of a value that fails; the reason is in ``.errors``, by position.
    Inside ``joblib.parallel_config("dask")`` (or ``"ray"``) the same call runs on that cluster, whose processes take
    the key from their own variable DEEPSEEK_API_KEY; that needs the extra ``cluster``, which installs joblib.

    Raises:
        DeepSeekError: something would make every value fail; the error's ``reply`` holds the results so far.
        KeyboardInterrupt: the user stopped it; the same call continues where it stopped.
    """
    from deepseek_magic.batch.values import read
    from deepseek_magic.notebook.running import RunningNotebook
    from deepseek_magic.render.progress import bar_for, no_bar, say, say_nothing

    from .mapping import Wanted, map_values

    _check_prompt(values, prompt)
    checked = checked_options(options, Keeping, "schema", "jobs", "fresh", "show")
    kernel = Kernel.here(os.environ)
    session, config = session_of(kernel)
    settled, shell = config(), kernel.shell
    names = getattr(shell, "user_ns", None)
    hidden = None if shell is None else RunningNotebook(shell, session.environ).hidden
    wanted = Wanted(prompt, checked, schema, names, jobs, fresh, hidden)
    progress = bar_for(settled.get("renderer") or "auto", kernel.front_end()) if show else no_bar
    said = say if show else say_nothing
    return map_values(session, settled, read(values, "values"), wanted, progress=progress, say=said)


def _check_prompt(values: Any, prompt: Any) -> None:
    """Raise `QuestionError` if ``prompt`` is not a string; perhaps ``values`` are it."""
    if isinstance(values, str) and not isinstance(prompt, str):
        msg = "map takes the values first: write map(values, prompt)"
        raise QuestionError(msg)
    if not isinstance(prompt, str):
        msg = f"the prompt is {with_article(type(prompt).__name__)}: expected a string"
        raise QuestionError(msg)


def ask_of(
    session: Session,
    config: Mapping[str, Any],
    text: str,
    options: Mapping[str, Any],
    chat: Turns | None = None,
    *,
    show: bool,
    renderer: Renderer | None = None,
    asks: bool = True,
) -> Reply:
    """Return the reply to ``text``, asked in ``chat`` or, without it, outside any conversation."""
    asked = _asked(config, text, options, chat, show=show)
    return ask_in(session, replace(asked, renderer=renderer, asks=asks))


def submit_of(
    session: Session,
    config: Mapping[str, Any],
    text: str,
    options: Mapping[str, Any],
    chat: Turns | None = None,
    *,
    show: bool,
) -> Pending:
    """Return the pending reply to ``text``, asked as for `ask_of`."""
    from . import away  # most questions are waited for

    _check_web("submit", options)
    if show and not Kernel.here(os.environ).front_end().in_kernel:
        msg = "submit: show needs a notebook: a terminal shows one thing after the other; leave it out"
        raise OptionError(msg)
    return away.start(session, _asked(config, text, {**options, "bg": True}, chat, show=show))


def compare_of(
    session: Session,
    config: Mapping[str, Any],
    text: str,
    columns: Compared,
    options: Mapping[str, Any],
    said: Mapping[str, Any],
    chat: Turns | None = None,
    *,
    show: bool,
) -> Answers:
    """Return the answers to ``text`` in ``columns``, asked as for `ask_of`; ``said`` are the options of this one."""
    from . import comparing  # most questions are asked once

    _check_web("compare", options)
    named = columns_from(columns)
    if name := next((name for column in named for name in column.options if name in said), ""):
        msg = f"compare gives each column a {name} of its own: leave it out of the options"
        raise OptionError(msg)
    asked = _asked(config, text, {**options, "compare": named}, chat, show=show)
    return comparing.answers(session, asked, comparing.planned(session, asked))


def _check_web(function: str, options: Mapping[str, Any]) -> None:
    """Raise `OptionError` if ``options``, those of a conversation, let the model ask the web."""
    if options.get("web"):
        msg = f"{function}: this conversation has web=True, which asks you about some addresses: use its method ask"
        raise OptionError(msg)


def _asked(config: Mapping[str, Any], text: str, options: Mapping[str, Any], chat: Turns | None, *, show: bool) -> Ask:
    """Return ``text`` as a question; the arguments are those of `ask_of`."""
    if not str(text).strip():
        msg = "there is no question: expected words, and the text is empty"
        raise EmptyQuestion(msg)
    config = {name: value for name, value in config.items() if name not in _FOR_MAGICS}
    options = {**options, **_AS_TYPED, "quiet": not show}
    return Ask(text, options, config, Kernel.here(os.environ), chat=chat or "")


def stream_of(
    session: Session, config: Mapping[str, Any], text: str, options: Mapping[str, Any], chat: Turns | None = None
) -> Stream:
    """Return the reply to ``text`` as an iterator over its text, asked as for `ask_of`.

    It is asked by a thread, which can ask the user nothing.
    """

    def ask(renderer: Renderer) -> Reply:
        return ask_of(session, config, text, options, chat, show=False, renderer=renderer, asks=False)

    return Stream(ask)
