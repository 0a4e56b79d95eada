"""The sources of context: each module of this package holds one, as ``SOURCE``, and a new one is found by itself.

The first question imports them all, so a reader that needs much imports it when it reads.
"""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from pkgutil import iter_modules

from deepseek_magic.context.source import Kind, Source

#: Every source by its name, in the order in which help lists them; `pkgutil` reads folders and archives.
SOURCES: dict[str, Source] = {
    source.name: source
    for source in (import_module(f"{__name__}.{module.name}").SOURCE for module in iter_modules(__path__))
}
#: Every kind of items by its name, in the order in which they are sent.
KINDS: dict[str, Kind] = {
    kind.name: kind for kind in sorted((source.kind for source in SOURCES.values()), key=attrgetter("changes"))
}
