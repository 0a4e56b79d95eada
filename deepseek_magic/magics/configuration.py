"""The settings of the magics, as ``%config DeepSeek`` shows and sets them, and what lasts between two of them."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics
from traitlets import Bool, Enum, Float, Int, List, TraitType, Unicode

from deepseek_magic.app.options import TABLE
from deepseek_magic.notebook.kernel import Kernel, notebook_folder
from deepseek_magic.settings.kinds import Choice, Flag, Number, Several, Whole
from deepseek_magic.settings.rows import Parameter

if TYPE_CHECKING:
    from deepseek_magic.app.session import Session
    from deepseek_magic.reach.mcp_servers import ServerTable as ToolServers

TRAITS: tuple[Parameter, ...] = tuple(row for row in TABLE if row.trait)


def _trait(row: Parameter) -> Any:
    """Return the trait of ``row``. An empty one means that nothing is configured."""
    number: dict[str, Any] = {"default_value": row.default, "allow_none": row.default is None, "help": row.trait}
    match row.configured or row.kind:
        case Flag():
            return Bool(row.default, help=row.trait)
        case Number():
            return Float(**number)
        case Whole():
            return Int(**number)
        case Choice(choices):
            return Enum(choices if row.default else ("", *choices), row.default or "", help=row.trait)
        case Several():
            return List(Unicode(), help=row.trait)
    return Unicode("", help=row.trait)


class ServersOf(TraitType[Any, Any]):
    """The trait of the servers of tools: it shows their names, and none of their values, which may be secret."""

    info_text = "servers by name, as in an mcp.json, or the path of one"
    default_value = None
    allow_none = True

    def validate(self, obj: Any, value: Any) -> ToolServers:
        """Return ``value`` so that it is masked where it shows."""
        from deepseek_magic.reach.mcp_servers import ServerTable as ToolServers  # most users have none

        if not isinstance(value, (ToolServers, dict, str)):
            self.error(obj, type(value))  # which raises; the value itself may be secret
        return value if isinstance(value, ToolServers) else ToolServers(value)


class ConfiguredMagics(Magics):
    """Magics with settings; an option of a question overrides each of them."""

    # At class scope this is the namespace that becomes the class.
    locals().update({row.name: _trait(row).tag(config=True) for row in TRAITS})

    mcp = ServersOf(
        help="servers of the Model Context Protocol, for --tools mcp:NAME: {NAME: {'command': …, 'args': […]}} or "
        "{NAME: {'url': …}}, or the path of an mcp.json"
    ).tag(config=True)

    def settings(self) -> dict[str, Any]:
        """Return the configured values by field name."""
        return {**{row.name: getattr(self, row.name) for row in TRAITS}, "mcp": self.mcp}

    @cached_property
    def session(self) -> Session:
        """The kernel's memory; made at the first use, so that loading imports nothing of it."""
        from deepseek_magic.app.session import Session

        return Session(folder=lambda: notebook_folder(self.shell, os.environ))

    @cached_property
    def kernel(self) -> Kernel:
        """The shell in which the user asks."""
        return Kernel(self.shell, os.environ, self.settings)
