"""Replies for the eye: everything a reader meets, in a reply or two, and an endpoint that writes them at our word."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.faults import DONE, Close, Fault, Received, api_error, chunk, document, error, usage
from tests.faults_wire import Step

THOUGHT = """The reader wants to know how a running mean is kept, so I need the recurrence and a proof that it is exact.

Let $m_n$ be the mean of the first $n$ values. Then

1. $n\\,m_n = (n-1)\\,m_{n-1} + x_n$ by definition,
2. so `m += (x - m) / n` is all the code there is.

I should warn of the *naive sum*: it loses digits when """
THOUGHT_ON = """the values are large and their spread is small. A table will show it.
"""

LONG = """# Keeping a running mean

A running mean needs **one number and a counter**, however long the data are: see
[Welford's method](https://example.org/welford) or <https://example.org/notes>. Three things to know:

- It is *exact* in real arithmetic, and close to exact in floating point.
- It never holds the data in memory; `m` and `n` are enough.
  - The variance needs one more number.
  - So does the skewness.
- It can be ~~restarted~~ resumed at any point.

## The formula

With $m_0 = 0$, each new value $x_n$ moves the mean by a share of its distance:

$$
m_n = m_{n-1} + \\frac{x_n - m_{n-1}}{n}, \\qquad s_n = s_{n-1} + (x_n - m_{n-1})(x_n - m_n).
$$

> The division comes last: that is what keeps the digits.

## In code

```python
from collections.abc import Iterable


@dataclass
class Running:
    \"\"\"The mean and the variance of what was seen.\"\"\"

    n: int = 0
    mean: float = 0.0  # of the first n values
    spread: float = 0.0

    def add(self, x: float) -> None:
        self.n += 1
        distance = x - self.mean
        self.mean += distance / self.n
"""
LONG_ON = """        self.spread += distance * (x - self.mean)
        if not self.n % 1_000_000:
            print(f"{self.n:,} values, mean {self.mean!r}")
```

## What the naive sum loses

| data | values | naive variance | Welford |
|:-----|-------:|---------------:|:-------:|
| small | 1,000 | 0.0833 | 0.0833 |
| shifted by 10⁶ | 1,000 | 0.0801 | 0.0833 |
| shifted by 10⁹ | 1,000 | **-128.4** | 0.0833 |

---

### Before you use it

- [x] compare with `statistics.variance` on a small list
- [ ] decide what an empty list means

Press <kbd>Shift</kbd>+<kbd>Enter</kbd>. A reply may hold <mark>HTML that is not rendered</mark> and a note[^1].

[^1]: Donald Knuth gives the proof.
"""

LANGUAGES = """## مقدمة قصيرة

هذه فقرة عربية تتحدث عن المتوسط الحسابي $\\bar{x}$ وعن الدالة `mean()`، ثم تنتهي هنا.

- عنصر أول في القائمة
- פריט שני ברשימה

פסקה בעברית עם המילה Python באמצע המשפט.

```python
# تعليق عربي
total = sum(values)  # סכום
```

中文段落：运行平均值只需要一个数字和一个计数器，不需要保存全部数据。日本語の段落もあります。한국어 문단도。 👩🏽‍🔬 🎉

It costs $5 and $10, or $1,200 in all; `$HOME` is a variable. The square is $x^2$, \\(y^2\\) is another, and

\\[ z^2 = x^2 + y^2 \\]

$$ e^{i\\pi} + 1 = 0 $$

```text
one_line_that_goes_on(and_on, and_on, and_on, and_on, and_on, and_on, and_on, and_on, and_on, and_on, and_on, and_on)
```

| left | middle | right | d | e | f | g | h | i | j | k | l | m | n | o |
|:-----|:------:|------:|---|---|---|---|---|---|---|---|---|---|---|---|
| a_rather_long_word | another_rather_long_word | 12,345.67 | delta_delta | epsilon_epsilon | zeta | eta_eta_eta """
LANGUAGES_ON = """| theta_theta | iota_iota | kappa_kappa | lambda_lambda | mu_mu_mu | nu_nu_nu | xi_xi_xi | omicron |
| ب | مثال عربي | 7 | d | e | f | g | h | i | j | k | l | m | n | o |

The last paragraph.
"""

_SUM = "+".join(f"x_{{{number}}}" for number in range(80))
_WORD = "long_word" * 30
WIDE_THOUGHT = f"A {_WORD} and ${_SUM}$ and `{_WORD}`.\n"
WIDE = f"""# A {_WORD}

See https://example.org/{_WORD} and [a link](https://example.org/b) of `{_WORD}`, then {"字" * 200}

$${_SUM}$$

A sentence with ${_SUM}$ in it, and one with $\\smash{{\\raise 9em{{\\rule{{90em}}{{3em}}}}}}$ far away.

- an item with ${_SUM}$
- {_WORD}
  - $\\sqrt{{\\frac{{a}}{{b}}}}$

> {_WORD}
> $${_SUM}$$

| a | b |
|---|---|
| ${_SUM}$ | {_WORD} |

so with the sum ${_SUM}"""
WIDE_ON = "$.\n"

CUT = """A running mean is updated in three steps:

1. count the new value,
2. take its distance from the mean, and
3. move the mean by"""
BROKEN = """The variance follows from the same walk:

```python
variance = spread / (n - 1)
"""
SHORT = "**Yes**: each value moves the mean by its distance from it, divided by $n$."


# Prose, lists, formulas, code and tables; a token is about four characters.
TOKENS = 2_000
_REPEATED = (LONG + LONG_ON + "\n\n") * 9
PIECES = tuple(_REPEATED[at : at + 4] for at in range(0, 4 * TOKENS, 4))


class Hold:
    """A place in a reply where the endpoint waits until it is told to go on."""


HOLD = Hold()


@dataclass(frozen=True)
class Script:
    """What one question is answered with: thinking, then text, with holds, and how it ends."""

    thinking: Sequence[str | Hold] = ()
    text: Sequence[str | Hold] = ()
    finish: str = "stop"
    broken: bool = False


SCRIPTS = {
    "long": Script((THOUGHT, HOLD, THOUGHT_ON), (LONG, HOLD, LONG_ON)),
    "languages": Script((), (LANGUAGES, HOLD, LANGUAGES_ON)),
    "wide": Script((WIDE_THOUGHT,), (WIDE, HOLD, WIDE_ON)),
    "short": Script((), (SHORT,)),
    "cut": Script((), (CUT,), finish="length"),
    "broken": Script((), (BROKEN,), broken=True),
}
WRONG_KEY = api_error("Authentication Fails, Your api key: ****test is invalid", "authentication_error")


class Prompter:
    """Answers the question NAME with the script of that name; a script waits at each hold for `go`."""

    def __init__(self) -> None:
        self._going = {name: threading.Semaphore(0) for name in SCRIPTS}

    def go(self, name: str) -> None:
        """Let the script NAME go on past its next hold."""
        self._going[name].release()

    def __call__(self, request: Received) -> Fault:
        """Answer one request."""
        if request.method == "GET":
            return _models()
        name = str(request.json["messages"][-1]["content"])
        if name == "refused":
            return error(401, WRONG_KEY)
        return Fault(self._played(name, SCRIPTS[name]))

    def _played(self, name: str, script: Script) -> Callable[[], Iterator[Step]]:
        def steps() -> Iterator[Step]:
            for field, parts in (("reasoning_content", script.thinking), ("content", script.text)):
                for part in parts:
                    if isinstance(part, Hold):
                        self._going[name].acquire(timeout=60)
                    else:
                        yield from (chunk({field: part[at : at + 9]}) for at in range(0, len(part), 9))
            if script.broken:
                yield Close()
            yield chunk({}, script.finish, usage(1200, 840, hit=768, reasoning=120 if script.thinking else 0))
            yield DONE

        return steps


def _models() -> Fault:
    return document({"object": "list", "data": [{"id": "deepseek-flash", "object": "model", "owned_by": "deepseek"}]})
