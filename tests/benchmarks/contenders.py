"""Those that are measured: ours through the magic, and the ways to do it by hand that ours is held against.

`bare`, `bare_markdown` and `naive` run in the kernel; their source is sent there as it stands here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass


def read(url: str) -> str:
    """Ask, take the reply off the socket, parse its events, and return its text."""
    import http.client
    import json
    from urllib.parse import urlsplit

    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    body = json.dumps({"model": "deepseek-flash", "stream": True, "messages": [{"role": "user", "content": "?"}]})
    connection.request("POST", "/chat/completions", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    parts, rest, over = [], b"", False
    while not over and (piece := response.read1(65536)):
        *events, rest = (rest + piece).split(b"\n\n")
        for event in events:
            over = event == b"data: [DONE]"
            if event.startswith(b"data: {"):
                for choice in json.loads(event[6:])["choices"]:
                    parts.append(choice["delta"].get("content") or "")
    connection.close()
    return "".join(parts)


def bare(url: str) -> None:
    """Read the reply, and show the whole once by our own renderer."""
    from IPython.display import display

    from deepseek_magic.render.bundle import bundle
    from deepseek_magic.render.renderer import Ending

    display(bundle(Ending(text=read(url))), raw=True)


def bare_markdown(url: str) -> None:
    """Read the reply, and show the whole once by Python-Markdown and nh3 alone."""
    import markdown
    import nh3
    from IPython.display import display

    text = read(url)
    html = nh3.clean(markdown.markdown(text, extensions=["tables", "fenced_code"]))
    display({"text/html": html, "text/plain": text}, raw=True)


def naive(url: str) -> None:
    """Do as most notebooks do: read lines with requests, and repaint everything for each of them."""
    import json

    import requests
    from IPython.display import Markdown, display, update_display

    text = ""
    display(Markdown(text), display_id="reply")
    body = {"model": "deepseek-flash", "stream": True, "messages": [{"role": "user", "content": "?"}]}
    with requests.post(url + "/chat/completions", json=body, stream=True) as response:
        for line in response.iter_lines():
            if line.startswith(b"data: {"):
                for choice in json.loads(line[6:])["choices"]:
                    text += choice["delta"].get("content") or ""
                    update_display(Markdown(text), display_id="reply")


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to show a reply: the cell that prepares it, the cell that asks, and who is taken to watch."""

    name: str
    prepare: str
    ask: str
    allow_stdin: bool = True


def _by_hand(name: str, function: Callable[[str], None]) -> Contender:
    sources = "\n\n".join(inspect.getsource(needed) for needed in (read, function))
    return Contender(name, f"import os\n\n{sources}", f"{function.__name__}(os.environ['DEEPSEEK_BASE_URL'])")


_LOAD = "%load_ext deepseek_magic"
_ASK = "%%deepseek --no-memory\nSay something long."

OURS = Contender("ours", _LOAD, _ASK)
HEADLESS = Contender("ours, headless", _LOAD, _ASK, allow_stdin=False)
DISPLAY = Contender("ours, display", f"{_LOAD}\n%config DeepSeek.renderer = 'display'", _ASK)
BARE = _by_hand("bare reader", bare)
BARE_MARKDOWN = _by_hand("bare, P-Markdown", bare_markdown)
NAIVE = _by_hand("naive loop", naive)

CONTENDERS = (OURS, HEADLESS, DISPLAY, BARE, BARE_MARKDOWN, NAIVE)
