"""How the extension is loaded and unloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import TraitError

from deepseek_magic.commands.table import CELL_NAMES, LINE_NAMES, MAGICS
from deepseek_magic.errors import ConfigurationError
from deepseek_magic.notebook import snapshot
from deepseek_magic.notebook.namespace import own_names
from deepseek_magic.text import one_line

from . import complete
from .deepseek import DeepSeek
from .transform import MagicCalls

if TYPE_CHECKING:
    from deepseek_magic.commands.completion import KnownNames


def _known(shell: Any, magics: DeepSeek) -> KnownNames:
    from deepseek_magic.app.tools_along import server_names  # loading needs none of it
    from deepseek_magic.commands.completion import KnownNames
    from deepseek_magic.credentials.profiles import names as profile_names

    environ, conversations = magics.session.environ, magics.session.conversations
    return KnownNames(
        own_names(shell),
        tuple(conversations),
        jobs=tuple(str(job.number) for job in conversations.jobs.live),
        cells=tuple(cell for one in conversations.values() for cell in one.executions),
        servers=lambda: server_names(magics.session, magics.settings()),
        profiles=lambda: profile_names(environ),
    )


def load(shell: Any) -> None:
    """Register the magics with ``shell``. Prints nothing, asks no network, patches nothing.

    Raises:
        ConfigurationError: a setting that was configured before is not one.
    """
    if loaded(shell) is not None:
        return
    try:
        magics = DeepSeek(shell)
    except TraitError as error:
        _forget(shell)
        said = one_line(str(error), 200).rstrip(".")
        where = "where it was set (%config, or IPython's own configuration) and load again"
        msg = f"a setting cannot be used: {said}: correct it {where}"
        raise ConfigurationError(msg) from None
    shell.register_magics(magics)
    snapshot.start(shell)
    # In a terminal IPython would show an empty result below a reply.
    end = ";" if magics.kernel.in_terminal else ""
    calls = MagicCalls(
        LINE_NAMES,
        CELL_NAMES,
        end,
        shell.find_line_magic,
        lambda name: bool(shell.automagic) and name not in shell.user_ns,
    )
    shell.input_transformer_manager.cleanup_transforms[:0] = [calls.cells, calls.lines]
    complete.start(shell, lambda: _known(shell, magics))


def unload(shell: Any) -> None:
    """Undo `load`: the magics, the transformer, the completion and the settings are gone."""
    magics = loaded(shell)
    if magics is None:
        return
    if "session" in vars(magics):
        magics.session.close()
    snapshot.stop(shell)
    for kind in ("line", "cell"):
        for magic in MAGICS:
            shell.magics_manager.magics[kind].pop(magic.name, None)
    shell.magics_manager.registry.pop("DeepSeek", None)
    _forget(shell)
    transforms = shell.input_transformer_manager.cleanup_transforms
    transforms[:] = [
        transform for transform in transforms if not isinstance(getattr(transform, "__self__", None), MagicCalls)
    ]
    complete.stop(shell)


def _forget(shell: Any) -> None:
    """Take the magics out of what ``%config`` of ``shell`` lists: IPython enters them there before they are made."""
    shell.configurables[:] = [one for one in shell.configurables if not isinstance(one, DeepSeek)]


def loaded(shell: Any) -> DeepSeek | None:
    """Return the magics that are registered with ``shell``, or ``None``."""
    found = shell.magics_manager.registry.get("DeepSeek")
    return found if isinstance(found, DeepSeek) else None
