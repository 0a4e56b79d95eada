"""Check whether the tokens of a reply arrive as they are made, or a gateway holds them back."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from deepseek_magic.api.events import ReasoningDelta, TextDelta
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.text import counted

from .findings import Finding, of_sentence

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client

#: The most tokens of the reply.
MOST_TOKENS = 40
_QUESTION = "Count from one to fifteen in words, separated by blanks."
_PATIENCE = 30.0
# If this many pieces arrive at the same instant on average, something holds them back.
_MOST_AT_ONCE = 8
# A server on this machine may make the whole reply within this many seconds, without anything holding it back.
_NOT_HELD = 0.1


def check(client: Client, settings: Settings) -> Finding:
    """Ask for a reply of a few tokens, and return the finding on how its pieces arrived."""
    asked = replace(settings, max_tokens=MOST_TOKENS, thinking="off", system="", stop=(), temperature=None, top_p=None)
    began, arrivals, pieces = time.monotonic(), [], 0
    try:
        for batch in client.stream(Request(asked, (Message("user", _QUESTION),)), _PATIENCE):
            held = sum(isinstance(event, (TextDelta, ReasoningDelta)) for event in batch)
            if held:
                arrivals.append(time.monotonic() - began)
                pieces += held
    except DeepSeekError as error:
        return of_sentence("streaming", str(error))
    if not arrivals:
        return Finding("streaming", "look", "the reply had no text", "ask a question, and see what its notice says")
    took = f"{counted(pieces, 'piece')} in {counted(len(arrivals), 'arrival')}, the first after {arrivals[0]:.2f} s"
    at_once = pieces >= _MOST_AT_ONCE and pieces > len(arrivals) * _MOST_AT_ONCE
    if at_once and arrivals[0] >= _NOT_HELD:
        return Finding(
            "streaming",
            "wrong",
            f"the reply came in one go ({took})",
            "a gateway or proxy on the way buffers it: have it pass text/event-stream on unbuffered (nginx: "
            "proxy_buffering off), or go around it with NO_PROXY",
        )
    return Finding("streaming", "fine", took)
