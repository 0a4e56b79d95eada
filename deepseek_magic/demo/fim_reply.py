"""Fill-in-the-middle: what is written between ``prompt`` and ``suffix`` (DeepSeek's page guides/fim_completion)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import checks
from .chat_request import parse
from .documented_errors import bad_request, wrong_type
from .token_pieces import estimate

_HEADER = re.compile(r"^(?P<indent>[ \t]*)[^#\n]*:[ \t]*$")
_NAME = re.compile(r"def[ \t]+(\w+)")
_DESCRIBED = re.compile(r"""def[ \t]+(\w+)\([^\n]*:\n[ \t]+"{3}[^"]*"{3}\s*\Z""")
_BODIES = {
    "fib": "if n < 2:\n    return n\nreturn {name}(n - 1) + {name}(n - 2)",
    "fibonacci": "if n < 2:\n    return n\nreturn {name}(n - 1) + {name}(n - 2)",
    "factorial": "return 1 if n < 2 else n * {name}(n - 1)",
    "mean": "return sum(values) / len(values)",
    "moving_average": (
        "means = []\n"
        "for end in range(window, len(values) + 1):\n"
        "    means.append(sum(values[end - window : end]) / window)"
    ),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One request to fill a gap, checked."""

    model: str
    prompt: str
    suffix: str
    echo: bool
    budget: int
    stop: tuple[str, ...]
    stream: bool
    include_usage: bool

    @property
    def prompt_tokens(self) -> int:
        """The estimate for both sides of the gap."""
        return max(1, estimate(self.prompt) + estimate(self.suffix))


def read(raw: bytes, *, beta: bool) -> Gap:
    """The request in ``raw``; raises `Refused`, also on another base than ``/beta``."""
    if not beta:
        raise bad_request(checks.beta_only("completions api"))
    body = parse(raw)
    model = checks.served_model(body, raw)
    prompt, suffix = body.get("prompt"), body.get("suffix")
    if prompt is None:
        raise wrong_type(raw, "", "missing field `prompt`")
    if not isinstance(prompt, str) or not isinstance(suffix or "", str):
        raise wrong_type(raw, "prompt" if not isinstance(prompt, str) else "suffix", "expected a string")
    checks.figures(body, raw, checks.MAX_FIM_OUTPUT)
    stream, include_usage = checks.streaming(body, raw)
    budget = body.get("max_tokens") or checks.MAX_FIM_OUTPUT
    stops = checks.stops(body, raw)
    return Gap(model, prompt, suffix or "", bool(body.get("echo")), budget, stops, stream, include_usage)


def fill(gap: Gap) -> str:
    """Text for the gap that keeps Python code whole: a body after a colon, a value in mid-line, else a comment."""
    line = gap.prompt.rstrip(" \t\n").rpartition("\n")[2]
    broken = gap.prompt.rstrip(" \t").endswith("\n")
    header = _HEADER.match(line)
    if header:
        name = _NAME.search(line)
        lines = _BODIES.get(name[1] if name else "", "pass  # filled in by the embedded endpoint, not by a model")
        body = lines.format(name=name[1] if name else "")
        return _indented(gap, header["indent"] + "    ", body, broken=broken)
    if line and not broken:
        return "None" if gap.suffix.strip() else "None  # filled in by the embedded endpoint, not by a model"
    indent = re.match(r"[ \t]*", line)
    described = _DESCRIBED.search(gap.prompt)
    if described and described[1] in _BODIES:
        return _indented(gap, indent[0] if indent else "", _BODIES[described[1]], broken=True)
    return _indented(
        gap, indent[0] if indent else "", "# Filled in by the embedded endpoint, not by a model.", broken=True
    )


def _indented(gap: Gap, indent: str, body: str, *, broken: bool) -> str:
    """``body`` with ``indent``, less what the prompt has of it already, with the line breaks that it needs."""
    begun = gap.prompt.rpartition("\n")[2] if broken else ""
    text = "\n".join(indent + line for line in body.split("\n"))
    text = text.removeprefix(begun) if begun.strip() == "" else text
    start = "" if broken or not gap.prompt else "\n"
    end = "\n" if gap.suffix and not gap.suffix.startswith("\n") else ""
    return start + text + end
