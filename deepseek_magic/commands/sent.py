"""``%deepseek_sent`` and ``--dry-run``: the exact messages of a request, their sizes, and what was masked in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from deepseek_magic.api.dialects import dialect_of, url_of
from deepseek_magic.chat.question import Prepared
from deepseek_magic.errors import QuestionError
from deepseek_magic.text import counted, estimate_tokens, visible

from .call import Call, Result
from .cards import Card

_SHORTENED = 120


def command(call: Call) -> Result:
    """Show the last request of the current conversation.

    Raises:
        QuestionError: nothing has been asked in it.
    """
    call.takes_nothing("%deepseek_sent")
    conversation = call.session.conversations.named()
    prepared = conversation.last_sent
    if prepared is None:
        msg = f"nothing has been sent in conversation {conversation.name} yet: ask a question first"
        raise QuestionError(msg)
    return Result(show=(card(prepared, f"The last request of conversation {conversation.name}"),))


def card(prepared: Prepared, title: str) -> Card:
    """Return the request of ``prepared`` under ``title``; its text form is complete too."""
    from deepseek_magic.render import panels  # heavy, and only needed where something is shown

    body, request, settings = prepared.body(), prepared.request, prepared.request.settings
    facts = [("endpoint", url_of(request, settings.base_url, dialect_of(settings)))]
    facts += [(name, _json(value)) for name, value in body.items() if name not in ("messages", "prompt", "suffix")]
    facts += [("what it holds", prepared.receipt.line())]
    facts += [
        (what, ", ".join(part for part in (_tokens(tokens), remarks) if part))
        for what, tokens, remarks in prepared.receipt.rows()
    ]
    parts = [_part(message) for message in body.get("messages", ())]
    parts += [_part({"role": name, "content": body[name]}) for name in ("prompt", "suffix") if name in body]
    plain = [title, *(f"  {name}: {value}" for name, value in facts)]
    plain += [f"\n[{role}] {remark}\n{content}" for role, remark, content in parts]
    html = panels.messages(
        title,
        [(visible(name), visible(value)) for name, value in facts],
        [(role, remark, visible(content)) for role, remark, content in parts],
    )
    return Card({"text/html": str(html), "text/plain": visible("\n".join(plain))})


def _tokens(count: str) -> str:
    return f"{count} token{'' if count == '1' else 's'}" if count else ""


def _part(message: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return role, size and text of one message; what is not text is shown as JSON, pictures in short."""
    content = message.get("content")
    if isinstance(content, list):
        texts = [part["text"] if part.get("type") == "text" else _json(_shortened(part)) for part in content]
        content = "\n\n".join(texts)
    rest = {name: value for name, value in message.items() if name not in ("role", "content")}
    text = "\n\n".join(part for part in (content or "", _json(rest) if rest else "") if part)
    return (
        str(message["role"]),
        f"about {counted(estimate_tokens(text), 'token')}, {counted(len(text), 'character')}",
        text,
    )


def _shortened(value: Any) -> Any:
    """Return ``value`` with every long string cut: the data of a picture means nothing to a reader."""
    if isinstance(value, Mapping):
        return {name: _shortened(part) for name, part in value.items()}
    if isinstance(value, str) and len(value) > _SHORTENED:
        return f"{value[:_SHORTENED]}… ({len(value):,} characters)"
    return value


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
