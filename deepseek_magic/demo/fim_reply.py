"""Fill-in-the-middle: write text between ``prompt`` and ``suffix`` (DeepSeek's page guides/fim_completion)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deepseek_magic.text import estimate_tokens

from . import request_shape
from .documented_errors import beta_only
from .request_shape import COMMON, BaseRequest

SHAPE = {**COMMON, "prompt!": str, "suffix": str}
LONGEST = 4096
_HEADER = re.compile(r"^(?P<indent>[ \t]*)[^#\n]*:[ \t]*$")
_NAME = re.compile(r"def[ \t]+(\w+)")
_DESCRIBED = re.compile(r"""def[ \t]+(\w+)\([^\n]*:\n[ \t]+"{3}[^"]*"{3}\s*\Z""")
_BODIES = {
    "fibonacci": "if n < 2:\n    return n\nreturn fibonacci(n - 1) + fibonacci(n - 2)",
    "mean": "return sum(values) / len(values)",
    "moving_average": (
        "means = []\n"
        "for end in range(window, len(values) + 1):\n"
        "    means.append(sum(values[end - window : end]) / window)"
    ),
}
_REMARK = "filled in by the embedded endpoint, not by a model"


@dataclass(frozen=True, slots=True)
class GapRequest(BaseRequest):
    """One request to fill a gap."""

    @property
    def prompt(self) -> str:
        """The text before the gap."""
        return str(self.body["prompt"])

    @property
    def suffix(self) -> str:
        """The text after the gap."""
        return self.body.get("suffix") or ""

    @property
    def prompt_tokens(self) -> int:
        """The estimated tokens of both sides of the gap."""
        return max(1, estimate_tokens(self.prompt) + estimate_tokens(self.suffix))


def read(raw: bytes, *, beta: bool) -> GapRequest:
    """Return the request in ``raw``; raises `Refused` if it is wrong, or not sent to ``/beta``."""
    if not beta:
        raise beta_only("completions api")
    body, model = request_shape.read(raw, SHAPE)
    return GapRequest(body, model, body.get("max_tokens") or LONGEST)


def fill(request: GapRequest) -> str:
    """Return text for the gap that keeps Python code whole: a body after a colon, a value in mid-line, or a comment."""
    line = request.prompt.rstrip(" \t\n").rpartition("\n")[2]
    broken = request.prompt.rstrip(" \t").endswith("\n")
    if header := _HEADER.match(line):
        name = _NAME.search(line)
        body = _BODIES.get(name[1] if name else "", f"pass  # {_REMARK}")
        return _indented(request, header["indent"] + "    ", body, broken=broken)
    if line and not broken:
        return "None" if request.suffix.strip() else f"None  # {_REMARK}"
    described = _DESCRIBED.search(request.prompt)
    body = _BODIES.get(described[1], "") if described else ""
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    return _indented(request, indent, body or f"# {_REMARK.capitalize()}.", broken=True)


def _indented(request: GapRequest, indent: str, body: str, *, broken: bool) -> str:
    """Return ``body`` with ``indent``, except for what the prompt already ends with, and with line breaks."""
    begun = request.prompt.rpartition("\n")[2] if broken else ""
    text = "\n".join(indent + line for line in body.split("\n"))
    text = text.removeprefix(begun) if begun.strip() == "" else text
    start = "" if broken or not request.prompt else "\n"
    end = "\n" if request.suffix and not request.suffix.startswith("\n") else ""
    return start + text + end
