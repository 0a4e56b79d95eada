"""The servers with names, and the default URL of each."""

from __future__ import annotations

from difflib import get_close_matches

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.text import one_line

DEFAULT_BASE_URL = "https://api.deepseek.com"
SERVERS: dict[str, str] = {
    "deepseek": DEFAULT_BASE_URL,
    "ollama": "http://localhost:11434/v1",
    "vllm": "http://localhost:8000/v1",
    "sglang": "http://localhost:30000/v1",
    "llama.cpp": "http://127.0.0.1:8080/v1",  # its newest README says 9931; every release seen listens here
    "lmstudio": "http://localhost:1234/v1",
}
#: Another value of the setting ``dialect``: an unknown kind of server.
COMPATIBLE = "compatible"


def server_name(word: str) -> str:
    """Return the name in `SERVERS` that equals ``word`` except for case and punctuation ("LM Studio"); or ""."""
    return _BY_PLAIN.get(_plain(word), "")


def no_server(word: str) -> ConfigurationError:
    """Return the error for a base URL that is a word but not the name of a server."""
    return ConfigurationError(
        f"bad URL {one_line(word, 40)!r}: neither http(s)://… nor a known server{_nearest(word, SERVERS)}; "
        f"use a URL, or one of {', '.join(SERVERS)}"
    )


def checked_dialect(word: str) -> str:
    """Return the kind of server that ``word`` names: one of `SERVERS`, or `COMPATIBLE`.

    Raises:
        ConfigurationError: it names neither.
    """
    if name := server_name(word) or (COMPATIBLE if _plain(word) == COMPATIBLE else ""):
        return name
    names = (*SERVERS, COMPATIBLE)
    msg = f"dialect is {one_line(word, 40)!r}: expected one of {', '.join(names)}{_nearest(word, names)}"
    raise ConfigurationError(msg)


def _plain(word: str) -> str:
    return "".join(filter(str.isalnum, word.lower()))


_BY_PLAIN = {_plain(name): name for name in SERVERS}


def _nearest(word: str, names: dict[str, str] | tuple[str, ...]) -> str:
    plain = {_plain(name): name for name in names}
    near = get_close_matches(_plain(word), plain, n=1, cutoff=0.6)
    return f" (did you mean {plain[near[0]]!r}?)" if near else ""
