"""The back ends: each module of this package defines one under its name; a new module is found automatically."""

from __future__ import annotations

from pkgutil import iter_modules

#: The names of the back ends, as ``%config DeepSeek.renderer`` takes them; `pkgutil` reads folders and archives.
BACK_ENDS: tuple[str, ...] = tuple(module.name for module in iter_modules(__path__))
