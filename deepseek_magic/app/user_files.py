"""The user's own files that a session uses: record files, which stay open, and the table of prices."""

from __future__ import annotations

from deepseek_magic.api import catalogue, pricelist
from deepseek_magic.record.library import Record
from deepseek_magic.settings.home import home_path


class UserFiles:
    """The files of one session."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._priced: tuple[str, int, catalogue.Prices] = ("", 0, catalogue.PRICES)

    def record(self, name: str) -> Record:
        """Return the record file ``name``, open.

        Raises:
            ConfigurationError: it cannot be used.
        """
        record = self._records.get(name)
        if record is None:
            path = home_path(name).absolute()  # once: the user may change the working directory
            if path.suffix.lower() in (".jsonl", ".ndjson"):
                from deepseek_magic.record.json_lines import Lines  # most sessions have no record

                record = Lines(path)
            else:
                from deepseek_magic.record.database import Database  # as above; sqlite3 is heavy

                record = Database(path)
            record = self._records.setdefault(name, record)  # another thread may have opened it meanwhile
        record.open()
        return record

    def prices(self, source: str) -> catalogue.Prices:
        """Return the prices with those of the table ``source`` over them; the file is read again when it changed."""
        path = home_path(source)
        changed = path.stat().st_mtime_ns if path.is_file() else 0
        if self._priced[:2] != (source, changed):
            self._priced = (source, changed, pricelist.load(source))
        return self._priced[2]

    def close(self) -> None:
        """Close the record files."""
        for record in self._records.values():
            record.close()
