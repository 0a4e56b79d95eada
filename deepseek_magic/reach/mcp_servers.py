"""Read the user's configuration of Model Context Protocol servers, check it, and mask it wherever it is shown.

It has the usual form: ``{"mcpServers": {NAME: {"command", "args", "env", "cwd"} or {"url", "headers"}}}``, or only the
value of ``mcpServers`` or ``servers``. The field ``trusted`` is ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.settings.home import home_path
from deepseek_magic.settings.urls import is_loopback
from deepseek_magic.text import one_line

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_MOST_BYTES = 1_000_000
# ``${NAME}``, or ``${env:NAME}`` as editors write it.
_VARIABLE = re.compile(r"\$\{(?:env:)?([A-Za-z_]\w*)\}")
# The version in the name of an interpreter, as in python3.12.
_VERSION = re.compile(r"[\d.]+\Z")
# An absolute path, and the name of the option before it, such as --directory=.
_WHOLE_PATH = re.compile(r"(-[\w-]*=)?((?:/|[A-Za-z]:[/\\]).*)", re.DOTALL)
_OWN_PORT = re.compile(r"(?<=//)(?:localhost|127\.0\.0\.1|\[::1\])(?![\w.-])(?::\d+)?")
_FIELDS = ("command", "args", "env", "cwd", "url", "headers", "trusted", "type", "transport", "disabled")


class Masked(dict[str, str]):
    """Names with values that may be secret: only the names are shown."""

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name!r}: '****'" for name in self) + "}"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Server:
    """One server: a ``command`` that communicates through its standard streams, or a ``url``.

    ``trusted`` says that the user believes what its tools declare about themselves ("read-only").
    """

    name: str
    command: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Masked = field(default_factory=Masked, hash=False)
    cwd: str = ""
    url: str = field(default="", repr=False)
    headers: Masked = field(default_factory=Masked, hash=False)
    trusted: bool = False


class ServerTable:
    """The value of ``%config DeepSeek.mcp``: a mapping, or the path of a file. Values in it may be secret."""

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __repr__(self) -> str:
        if isinstance(self.value, str):
            return repr(self.value)
        names = [] if not isinstance(self.value, Mapping) else [str(name) for name in _entries(self.value)]
        return "{" + ", ".join(f"{one_line(name, 40)!r}: '****'" for name in names) + "}"


def check_form(configured: ServerTable) -> None:
    """Raise `ConfigurationError` if an entry of ``configured`` does not have the usual form.

    A missing file, or missing variables that values refer to, are not errors: they may be created later.
    """
    value = configured.value
    if not isinstance(value, str) or (value and home_path(value).is_file()):
        servers(configured, None)


def servers(
    configured: ServerTable, environ: Mapping[str, str] | None, wanted: Collection[str] | None = None
) -> dict[str, Server]:
    """Return the configured servers by name.

    Args:
        configured: a mapping, or the path of an ``mcp.json``.
        environ: the variables for ``${NAME}`` in ``env`` and ``headers``; ``None`` leaves them as they are.
        wanted: the servers that are needed: others are left out if they cannot be used. ``None`` for all.

    Raises:
        ConfigurationError: the file cannot be read, or an entry does not have the usual form.
    """
    value, where = configured.value, "DeepSeek.mcp"
    if isinstance(value, str) and value:
        value, where = _file(value), one_line(value, 120)
    if not value:
        return {}
    if not isinstance(value, Mapping):
        msg = f"{where}: expected servers by name, as in an mcp.json, or the path of one"
        raise ConfigurationError(msg)
    found: dict[str, Server] = {}
    for name, entry in _entries(value).items():
        try:
            server = _server(str(name), entry, where, environ)
        except ConfigurationError:
            if wanted is None or name in wanted:
                raise
            continue
        if server is not None:
            found[name] = server
    return found


def recognised_by(server: Server) -> list[str]:
    """Return what distinguishes ``server`` from another of the same name, on any machine.

    It does not include the folder of an interpreter or a project, a port of this machine, or anything secret.
    """
    if server.url:
        found = urlsplit(server.url)
        return [
            server.name,
            f"{'localhost' if is_loopback(server.url) else found.netloc.rpartition('@')[2]}{found.path}",
        ]
    program = re.split(r"[/\\]", server.command)[-1].lower().removesuffix(".exe")
    return [server.name, _VERSION.sub("", program), *map(_by_its_end, server.args)]


def _by_its_end(argument: str) -> str:
    """Return ``argument``, of an absolute path in it only the last two parts, and without a port of this machine."""
    if found := _WHOLE_PATH.fullmatch(argument):
        return (found[1] or "") + "/".join(re.split(r"[/\\]", found[2])[-2:])
    return _OWN_PORT.sub("localhost", argument)


def _entries(value: Mapping[Any, Any]) -> Mapping[Any, Any]:
    for key in ("mcpServers", "servers"):
        if isinstance(value.get(key), Mapping) and not {"command", "url"} & value[key].keys():
            inner: Mapping[Any, Any] = value[key]
            return inner
    return value


def _file(path: str) -> Any:
    place = home_path(path)
    try:
        with place.open("rb") as file:
            return json.loads(file.read(_MOST_BYTES))
    except OSError as error:
        msg = f"DeepSeek.mcp: {one_line(path, 120)} cannot be read ({error.strerror}): name an mcp.json"
    except (ValueError, RecursionError):
        msg = f"DeepSeek.mcp: {one_line(path, 120)} is not JSON: name an mcp.json"
    raise ConfigurationError(msg)


def _server(name: str, entry: Any, where: str, environ: Mapping[str, str] | None) -> Server | None:
    """Return the server in ``entry``; ``None`` if it is disabled."""
    here = f"{where}: server {one_line(name, 40)!r}"
    if not _NAME.fullmatch(name):
        msg = f"{here}: expected a name of at most 40 letters, digits, - and _"
        raise ConfigurationError(msg)
    if not isinstance(entry, Mapping) or not {*entry} <= {*_FIELDS} or ("command" in entry) == ("url" in entry):
        msg = f'{here}: expected "command" with "args", or "url", and of other fields only {", ".join(_FIELDS)}'
        raise ConfigurationError(msg)
    if entry.get("disabled") is True:
        return None
    args, url = entry.get("args", []), entry.get("url", "")
    texts = [entry.get("command", "-"), url or "-", entry.get("cwd") or "-", *(args if isinstance(args, list) else [0])]
    if not all(isinstance(text, str) and text for text in texts) or not isinstance(entry.get("trusted", False), bool):
        msg = f'{here}: expected strings, "args" a list of them, and true or false for "trusted"'
        raise ConfigurationError(msg)
    if url and not url.startswith(("http://", "https://")):
        msg = f"{here}: expected a URL that begins with https:// or http://"
        raise ConfigurationError(msg)
    return Server(
        name,
        entry.get("command", ""),
        tuple(args),
        _values(entry.get("env") or {}, f"{here}: env", environ),
        entry.get("cwd") or "",
        url,
        _values(entry.get("headers") or {}, f"{here}: headers", environ),
        entry.get("trusted", False),
    )


def _values(found: Any, where: str, environ: Mapping[str, str] | None) -> Masked:
    if not isinstance(found, Mapping) or not all(isinstance(one, str) for pair in found.items() for one in pair):
        msg = f"{where}: expected strings by name"
        raise ConfigurationError(msg)
    if environ is None:
        return Masked(found)

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if name.upper().startswith("DEEPSEEK_"):
            msg = (
                f"{where}: ${{{name}}} is not handed to another program: it may hold the key of DeepSeek; "
                "use a variable of another name"
            )
            raise ConfigurationError(msg)
        if name not in environ:
            msg = f"{where}: the variable {name} is not set: set it, or take it out of the file"
            raise ConfigurationError(msg)
        return environ[name]

    return Masked({name: _VARIABLE.sub(filled, value) for name, value in found.items()})
