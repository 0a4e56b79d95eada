"""The magics as IPython sees them, made from the table of them, and their settings (``%config DeepSeek``)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from traitlets import Bool, Enum, Float, Int, List, TraitError, TraitType, Unicode, validate

from deepseek_magic.app.options import TABLE
from deepseek_magic.commands.table import MAGICS, Magic
from deepseek_magic.errors import ConfigurationError, DeepSeekError, Interrupted
from deepseek_magic.first_use import MadeOnce
from deepseek_magic.notebook.kernel import Kernel, notebook_folder
from deepseek_magic.render.progress import say
from deepseek_magic.settings.home import home_path
from deepseek_magic.settings.kinds import Choice, Flag, Number, Several, Whole
from deepseek_magic.settings.rows import Parameter

if TYPE_CHECKING:
    from deepseek_magic.app.session import Session
    from deepseek_magic.commands.call import Result
    from deepseek_magic.reach.mcp_servers import ServerTable as ToolServers

TRAITS: tuple[Parameter, ...] = tuple(row for row in TABLE if row.trait)
_ROWS = {row.name: row for row in TRAITS}


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
    default_value: Any = {}  # noqa: RUF012  # a copy of it is the value

    def validate(self, obj: Any, value: Any) -> ToolServers | dict[str, Any]:
        """Return ``value`` so that it is masked where it shows; an empty dictionary for none."""
        if value is None or (isinstance(value, dict) and not value):
            return {}
        from deepseek_magic.reach.mcp_servers import ServerTable as ToolServers  # most users have none
        from deepseek_magic.reach.mcp_servers import check_form

        if not isinstance(value, (ToolServers, dict, str)):
            self.error(obj, type(value))  # which raises; the value itself may be secret
        made = value if isinstance(value, ToolServers) else ToolServers(value)
        try:
            check_form(made)
        except ConfigurationError as error:
            raise TraitError(str(error)) from None
        return made


# A cell magic says itself what is missing where it is typed as a line.
_KINDS = {"line": line_magic, "cell": line_cell_magic, "line_cell": line_cell_magic}


def _method(magic: Magic) -> Callable[..., Any]:
    """Return the method that IPython calls for ``magic``."""

    def call(self: DeepSeek, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> Any:
        from deepseek_magic.commands.call import Call  # loading needs none of it

        if cell is not None and cell.endswith("\r\n"):
            cell = cell.removesuffix("\r\n")  # as each command does with a line end that has no CR
        try:
            result = magic.run(Call(self.session, self.settings(), self.kernel, line, cell, local_ns))
        except Interrupted:
            raise
        except KeyboardInterrupt:  # a stop outside of a reply is one line as well
            msg = "stopped; nothing was asked"
            raise Interrupted(msg) from None
        _show(result)
        return result.value

    call.__name__ = magic.name
    _documented(call, lambda: magic.help)
    return _KINDS[magic.kind](needs_local_scope(no_var_expand(call)))


def _documented(magic: Any, text: Callable[[], str]) -> None:
    """Let IPython's help on ``magic`` show ``text``, made when it is asked for: it takes what loading needs none of."""
    magic.getdoc = text  # IPython asks for it before it reads `__doc__`


def _check_form(name: str, value: Any) -> None:
    """Raise a `DeepSeekError` if ``value`` is not in the form that rooms above the settings give the one of ``name``.

    A file that is not there may be made later.
    """
    if name == "context" and value:
        from deepseek_magic.context.selectors import chosen  # few settings are set

        chosen((value,), "DeepSeek.context")
    elif name == "prices" and value and home_path(value).is_file():
        from deepseek_magic.api.pricelist import load  # as above

        load(value)


@magics_class
class DeepSeek(Magics):
    """Settings of the magics; an option of a question overrides each of them."""

    # At class scope this is the namespace that becomes the class.
    locals().update({row.name: _trait(row).tag(config=True) for row in TRAITS})
    locals().update({magic.name: _method(magic) for magic in MAGICS})

    mcp = ServersOf(
        help="servers of the Model Context Protocol, for --tools mcp:NAME: {NAME: {'command': …, 'args': […]}} or "
        "{NAME: {'url': …}}, or the path of an mcp.json"
    ).tag(config=True)

    _refused: Mapping[str, Any] = MappingProxyType({})

    @validate(*(row.name for row in TRAITS))
    def _usable(self, proposal: Any) -> Any:
        """Return the value that is proposed; one that no question could be asked with is refused as it is set.

        ``%config`` prints the error, and the next cell runs: a question would go to another endpoint than was named, or
        without the limit. So each is refused, too, until the setting has a value that can be used.
        """
        from deepseek_magic.settings.resolve import check_kept  # few settings are set

        name, value = proposal["trait"].name, proposal["value"]
        try:
            check_kept(_ROWS[name], value, f"DeepSeek.{name}")
            _check_form(name, value)
        except DeepSeekError as error:
            self._refused, said = {**self._refused, name: value}, str(error)
            raise TraitError(said if said.startswith("DeepSeek.") else f"DeepSeek.{name}: {said}") from None
        return value

    def update_config(self, config: Any) -> None:
        """Take the values of ``config``, in place of those that were refused."""
        given = config.get(type(self).__name__, {})
        self._refused = {name: value for name, value in self._refused.items() if name not in given}
        super().update_config(config)

    def settings(self) -> dict[str, Any]:
        """Return the configured values by field name; those that were refused as the user gave them."""
        return {**{row.name: getattr(self, row.name) for row in TRAITS}, "mcp": self.mcp, **self._refused}

    @MadeOnce
    def session(self) -> Session:
        """The kernel's memory; made at the first use, so that loading imports nothing of it."""
        from deepseek_magic.app.session import Session

        return Session(folder=lambda: notebook_folder(self.shell, os.environ))

    @MadeOnce
    def kernel(self) -> Kernel:
        """The shell in which the user asks."""
        return Kernel(self.shell, os.environ, self.settings)


def _show(result: Result) -> None:
    if not result.show:
        return
    from IPython.display import display  # most calls show nothing beside the reply

    from deepseek_magic.render.back_ends.plain import paper

    broken = paper(sys.stdout, dim=False).broken
    for shown in result.show:
        if isinstance(shown, str):
            say(broken(shown))
        else:
            data = {**shown.data, **({"text/plain": broken(shown.data["text/plain"])} if shown.is_prose else {})}
            display(data, raw=True, metadata=dict(shown.metadata))
