"""What a long past costs: ``python -m tests.benchmarks.remembering``.

A record of 200 MB is opened, searched and asked beside, in a conversation of 500 turns; each is to take at most 0.2
seconds more than with an empty record and in an empty conversation. ``--quick`` makes both a hundred times smaller.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepseek_magic.api.events import TextDelta
from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.app.session import Session
from deepseek_magic.record.database import Database
from deepseek_magic.record.kept import Kept
from tests.benchmarks.server import Script, Server

#: Seconds that each may take longer than with nothing behind it.
LIMIT = 0.2
_MEGABYTES, _TURNS = 200, 500
_TEXT = 6_000
_SEARCHED = {
    "a rare word": "zymurgy",
    "a frequent word": "answer",
    "two words": "river mountain",
    "a short word of none": "zq",
    "a short word of one": "水库",
    "a letter of one": "水",
    "a short word of all": "ba",
    "words that differ so": "answer 水库",
}
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Remembered:
    """One thing that is done: the median of its seconds with nothing behind it, and with a long past."""

    name: str
    empty: float
    full: float

    @property
    def more(self) -> float:
        """Seconds that the past costs."""
        return self.full - self.empty


def run(*, quick: bool = False) -> tuple[list[Remembered], str]:
    """Measure everything; return it with a line on what was measured."""
    smaller = 100 if quick else 1
    with tempfile.TemporaryDirectory() as folder, Server() as server:
        server.prepare(Script("prose", 20))
        empty, full = Path(folder) / "empty.db", Path(folder) / "full.db"
        filled(empty, 0)
        began = time.perf_counter()
        replies = filled(full, _MEGABYTES * 1_000_000 // smaller)
        took = time.perf_counter() - began
        found = [*_opening(empty, full), *_searching(empty, full)]
        found += _asking(server.url, empty, full, _TURNS // smaller)
        size = full.stat().st_size / 1e6
        turns = _TURNS // smaller
        return found, f"{replies:,} replies in {size:,.1f} MB, written in {took:.0f} s; a conversation of {turns} turns"


def filled(path: Path, size: int) -> int:
    """Make a record of at least ``size`` bytes, and return how many replies it holds."""
    words = [*_words(), "river", "mountain", "answer"]
    made, database, replies = random.Random(7), Database(path), 0
    database.open()
    while size and database.size() < size:
        database.add_all(_reply(made, words, replies + number) for number in range(250))
        replies += 250
    database.close()
    return replies


def _words() -> list[str]:
    made = random.Random(3)
    parts = ["ba", "co", "di", "fu", "gel", "hor", "im", "jat", "kol", "lum", "men", "nor", "pas", "ret", "sil", "tur"]
    return ["".join(made.choices(parts, k=made.randint(1, 4))) for _ in range(5_000)]


def _reply(made: random.Random, words: Sequence[str], number: int) -> Kept:
    text = " ".join(made.choices(words, k=_TEXT // 7))
    question = " ".join(made.choices(words, k=12)) + (" zymurgy 水库" if number == 40 else "")
    when = f"2026-{1 + number // 86_400 % 12:02}-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    return Kept(f"{number:064}", text, when, model="deepseek-flash", question=question, sent=question)


def _median(does: Callable[[], Any]) -> float:
    def once() -> float:
        began = time.perf_counter()
        does()
        return time.perf_counter() - began

    return statistics.median(once() for _ in range(_ROUNDS))


def _opening(empty: Path, full: Path) -> Iterator[Remembered]:
    def opened(path: Path) -> None:
        database = Database(path)
        database.open()
        database.find("0" * 64)
        database.close()

    yield Remembered("opening", *(_median(lambda path=path: opened(path)) for path in (empty, full)))


def _searching(empty: Path, full: Path) -> Iterator[Remembered]:
    records = [Database(path) for path in (empty, full)]
    for name, words in _SEARCHED.items():
        figures = (_median(lambda one=one, words=words: one.search(words.split(), 20)) for one in records)
        yield Remembered(f"searching {name}", *figures)
    for one in records:
        one.close()


def _asking(url: str, empty: Path, full: Path, turns: int) -> Iterator[Remembered]:
    environ = {"DEEPSEEK_BASE_URL": url, "DEEPSEEK_API_KEY": "sk-of-a-long-past"}
    for name, options in (("asking", {}), ("answering what is kept", {"replay": "auto"})):
        figures = []
        for path, past in ((empty, 0), (full, turns)):
            session = Session(environ)
            _fill(session, past)
            asked = Ask("What is it?", {"quiet": True, **options}, {"record": str(path)})
            ask(session, asked)
            figures.append(_median(lambda session=session, asked=asked: ask(session, asked)))
            session.close()
        yield Remembered(name, *figures)


def _fill(session: Session, turns: int) -> None:
    made, words = random.Random(5), _words()
    transcript = session.conversations.named().transcript
    for number in range(turns):
        turn = transcript.open(f"question {number} on {made.choice(words)}", f"cell-{number}")
        turn.fold((TextDelta(" ".join(made.choices(words, k=60))),))
        transcript.close(turn, "complete")


def table(found: Sequence[Remembered], line: str) -> str:
    """Return the figures as text."""
    rows = [
        f"{one.name:<26} {1000 * one.empty:>8.1f} {1000 * one.full:>8.1f} {1000 * one.more:>8.1f}  "
        f"{'kept' if one.more <= LIMIT else 'NOT KEPT'}"
        for one in found
    ]
    head = f"{'milliseconds, medians':<26} {'empty':>8} {'full':>8} {'more':>8}  at most {1000 * LIMIT:.0f} more"
    return "\n".join([line, head, *rows])


def main() -> None:
    """Print what is measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.remembering", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a hundred times smaller")
    print(table(*run(quick=parser.parse_args().quick)))


if __name__ == "__main__":
    main()
