"""The sources of context: each module of this package defines one as ``SOURCE``; a new module is found automatically.

The first question imports all of them, so anything slow to import is imported when a source reads.
"""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from pkgutil import iter_modules

from deepseek_magic.context.source import Kind, Source

#: Every source by its name, in the order of help; `pkgutil` also works in a zip archive.
SOURCES: dict[str, Source] = {
    source.name: source
    for source in (import_module(f"{__name__}.{module.name}").SOURCE for module in iter_modules(__path__))
}
#: Every kind of items by its name, in the order in which they are sent.
KINDS: dict[str, Kind] = {
    kind.name: kind for kind in sorted((source.kind for source in SOURCES.values()), key=attrgetter("changes"))
}
