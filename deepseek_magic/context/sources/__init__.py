"""The sources of context: each module of this package holds one, as ``SOURCE``, and a new one is found by itself.

Loading the extension imports them all for the syntax of ``-c``, so their readers import what they need when they read.
"""

from __future__ import annotations

import os
from importlib import import_module

from deepseek_magic.context.source import Kind, Source


def _modules() -> list[str]:
    (folder,) = __path__
    try:
        names = os.listdir(folder)  # noqa: PTH208  # plain names
    except OSError:  # the package lies in an archive; pkgutil reads it, and costs a millisecond that loading saves
        import pkgutil

        names = [module.name for module in pkgutil.iter_modules(__path__)]
    return sorted({name.partition(".")[0] for name in names if not name.startswith("_")})


#: Every source by its name, in the order in which help lists them.
SOURCES: dict[str, Source] = {
    source.name: source for source in (import_module(f"{__name__}.{name}").SOURCE for name in _modules())
}
#: Every kind of items by its name, in the order in which they are sent.
KINDS: dict[str, Kind] = {
    kind.name: kind for kind in sorted((source.kind for source in SOURCES.values()), key=lambda kind: kind.changes)
}
