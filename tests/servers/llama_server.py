"""A real llama.cpp server with a model of two megabytes, made here, that knows one reply by heart.

Needs ``xllamacpp`` (llama.cpp's own server as a wheel) and nothing else::

    python -m pip install --target FOLDER --no-deps --only-binary :all: xllamacpp
    PYTHONPATH=FOLDER python tests/servers/llama_server.py

It prints the server's URL on one line and serves until its standard input is closed.

The model is a llama with one layer of zeros. Token embeddings are unit vectors, and the row of a token in the output
matrix is the embedding of the token that comes before it, so that each token has one successor. The prompt always ends
with ``>``, whose successor is the first token of the reply.
"""

from __future__ import annotations

import itertools
import struct
import sys
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

THOUGHT = ["Let", " me", " see", "."]
ANSWER = [
    "**Real",
    " bytes**",
    " from",
    " a",
    " real",
    " llama",
    ".cpp",
    ":",
    " Grüße",
    ",",
    " 世界",
    "!\n\n- one\n- two",
]
REPLY = ["<think>", *THOUGHT, "</think>", *ANSWER]
MODEL = "one-reply"
CONTEXT = 1024
TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant>{% endif %}"
)
# Types of values and of tokens in a GGUF file (ggml-org/ggml, docs/gguf.md).
U32, F32, BOOL, TEXT, ARRAY, I32 = 4, 6, 7, 8, 9, 5
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
_ALIGNED = 32


def spaced(piece: str) -> str:
    """A piece as the vocabulary writes it."""
    return piece.replace(" ", "\u2581")


def vocabulary() -> list[tuple[str, int]]:
    """Every token with its type."""
    special = [("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL)]
    single = [(f"<0x{n:02X}>", BYTE) for n in range(256)]
    return [*special, *single, *((spaced(piece), NORMAL) for piece in REPLY)]


def width() -> int:
    """Length of an embedding: one place for each token, in whole heads of 32."""
    return -(-len(vocabulary()) // 32) * 32


def facts() -> dict[str, tuple[int, Any]]:
    """What the file says of the model, each with its type; lists are arrays of it."""
    tokens = vocabulary()
    return {
        "general.architecture": (TEXT, "llama"),
        "llama.context_length": (U32, CONTEXT),
        "llama.embedding_length": (U32, width()),
        "llama.block_count": (U32, 1),
        "llama.feed_forward_length": (U32, 32),
        "llama.attention.head_count": (U32, width() // 32),
        "llama.attention.head_count_kv": (U32, width() // 32),
        "llama.attention.layer_norm_rms_epsilon": (F32, 1e-5),
        "llama.rope.dimension_count": (U32, 32),
        "tokenizer.ggml.model": (TEXT, "llama"),
        "tokenizer.ggml.tokens": (TEXT, [text for text, _ in tokens]),
        "tokenizer.ggml.scores": (F32, [-1000.0 if kind == BYTE else 0.0 for _, kind in tokens]),
        "tokenizer.ggml.token_type": (I32, [kind for _, kind in tokens]),
        "tokenizer.ggml.bos_token_id": (U32, 1),
        "tokenizer.ggml.eos_token_id": (U32, 2),
        "tokenizer.ggml.unknown_token_id": (U32, 0),
        "tokenizer.ggml.add_bos_token": (BOOL, True),
        "tokenizer.ggml.add_space_prefix": (BOOL, False),
        "tokenizer.chat_template": (TEXT, TEMPLATE),
    }


def tensors() -> Iterator[tuple[str, tuple[int, ...], array[float]]]:
    """Every tensor: its name, its sizes (the innermost first), its numbers."""
    size, count = width(), len(vocabulary())
    places = {text: place for place, (text, _) in enumerate(vocabulary())}
    chain = ["<0x3E>", *map(spaced, REPLY), "</s>"]
    embedding, output = zeros(size * count), zeros(size * count)
    for place in range(count):
        embedding[place * size + place] = 1.0
    for before, after in itertools.pairwise(chain):
        output[places[after] * size + places[before]] = 10.0
    ones = array("f", [1.0]) * size
    yield "token_embd.weight", (size, count), embedding
    yield "output.weight", (size, count), output
    yield "output_norm.weight", (size,), ones
    for name in ("attn_norm", "ffn_norm"):
        yield f"blk.0.{name}.weight", (size,), ones
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        yield f"blk.0.{name}.weight", (size, size), zeros(size * size)
    for name in ("ffn_gate", "ffn_up"):
        yield f"blk.0.{name}.weight", (size, 32), zeros(size * 32)
    yield "blk.0.ffn_down.weight", (32, size), zeros(size * 32)


def zeros(count: int) -> array[float]:
    """So many zeros."""
    return array("f", bytes(4 * count))


def text(value: str) -> bytes:
    """A text as the file holds it."""
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def plain(kind: int, value: Any) -> bytes:
    """One value as the file holds it."""
    return text(value) if kind == TEXT else struct.pack({U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}[kind], value)


def padded(data: bytes) -> bytes:
    """``data`` up to the next border."""
    return data + bytes(-len(data) % _ALIGNED)


def model_file() -> bytes:
    """The model as GGUF, version 3."""
    described, written = facts(), list(tensors())
    head = b"GGUF" + struct.pack("<IQQ", 3, len(written), len(described))
    for name, (kind, value) in described.items():
        head += text(name)
        if isinstance(value, list):
            head += struct.pack("<IIQ", ARRAY, kind, len(value)) + b"".join(plain(kind, item) for item in value)
        else:
            head += struct.pack("<I", kind) + plain(kind, value)
    offset = 0
    for name, sizes, numbers in written:
        head += text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, 0, offset)
        offset += len(padded(numbers.tobytes()))
    return padded(head) + b"".join(padded(numbers.tobytes()) for _, _, numbers in written)


def serve(model: Path) -> Any:
    """Start the server on a free port of loopback and return it; it runs as long as it is held."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.model_alias = [MODEL]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.warmup = False
    return xllamacpp.Server(params)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "model.gguf"
        made.write_bytes(model_file())
        server = serve(made)
        print(server.listening_address, flush=True)
        sys.stdin.read()
