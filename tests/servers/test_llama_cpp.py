"""A server that is not ours and speaks for itself: llama.cpp's own, asked through the magic in a real kernel.

The variable LLAMA_CPP names the folder in which the package xllamacpp is installed. The model is made by
`llama_server`, and says one reply by heart.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import prepared
from tests.kernel import KEY, Kernel
from tests.servers.llama_server import ANSWER, CONTEXT, MODEL, THOUGHT

SERVER = Path(__file__).with_name("llama_server.py")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("llama")
    environ = {**os.environ, "PYTHONPATH": prepared("LLAMA_CPP", "a folder with the package xllamacpp")}
    with (folder / "server.log").open("w") as log:
        pipe = subprocess.PIPE
        server = subprocess.Popen([sys.executable, str(SERVER)], stdin=pipe, stdout=pipe, stderr=log, env=environ)
        try:
            address = server.stdout.readline().decode().strip()
            assert address.startswith("http://127.0.0.1:"), (folder / "server.log").read_text()
            yield address
        finally:
            server.stdin.close()
            server.wait(30)
            server.stdout.close()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with Kernel(tmp_path_factory.mktemp("home")) as kernel:
        yield kernel


@pytest.fixture
def asked(kernel, url):
    kernel.fresh(f"{url}/v1")
    return kernel


def test_its_reply_in_a_cell(asked):
    """The model is not named: the server has just one."""
    cell = asked.run("reply = %deepseek hello")
    assert not cell.failed
    assert cell.text == "".join(ANSWER)
    assert "<strong>Real bytes</strong>" in cell.html
    assert ">one</li>" in cell.html
    assert asked.value("[reply.text, reply.reasoning, reply.model, reply.finish_reason]") == [
        "".join(ANSWER),
        "".join(THOUGHT),
        MODEL,
        "stop",
    ]
    assert asked.value("reply.usage.completion") == len(ANSWER) + len(THOUGHT) + 3
    assert asked.value("reply.usage.prompt") > len("user: hello")
    assert asked.value("reply.cost") is None
    assert cell.notices == []


def test_with_every_option_that_it_shares(asked):
    asked.quietly("%config DeepSeek.dialect = 'llama.cpp'")
    cell = asked.run(f"%deepseek -m {MODEL} -s Brief. -t 0.5 --top-p 0.9 --think off --stop nowhere -- hello")
    assert not cell.failed
    assert cell.text == "".join(ANSWER)


def test_a_second_turn_begins_with_the_bytes_of_the_first(asked):
    """The server's own cache says so: it has seen the first turn's prompt up to the mark of the reply."""
    asked.run("first = %deepseek hello")
    cell = asked.run("second = %deepseek and again?")
    assert cell.text == "".join(ANSWER)
    prompt, again, cached = asked.value("[first.usage.prompt, second.usage.prompt, second.usage.cache_hit]")
    assert again > prompt
    assert cached == prompt - len(">")


def test_a_reply_that_is_cut(asked):
    cell = asked.run("%deepseek --max-tokens 9 hello")
    assert cell.text == "".join(ANSWER[:3])
    assert any("cut at --max-tokens 9" in notice for notice in cell.notices)


def test_thinking_that_is_left_in_the_answer_on_the_users_word(asked):
    asked.quietly("%config DeepSeek.think_tags = 'off'")
    cell = asked.run("%deepseek hello")
    assert cell.text == f"<think>{''.join(THOUGHT)}</think>{''.join(ANSWER)}"


def test_what_it_refuses_is_one_line(asked):
    cell = asked.run(f"%deepseek {'word ' * CONTEXT}")
    assert cell.failed
    assert cell.error.startswith("BadRequest: ")
    assert "context size" in cell.error


def test_a_wrong_path_is_one_line(asked, url):
    cell = asked.run(f"%deepseek --base-url {url}/v2 -m {MODEL} hello")
    assert cell.failed
    assert cell.error.startswith("NotFound: ")
    assert "nothing is served there" in cell.error


def test_it_lists_its_model(asked):
    assert MODEL in asked.run("%deepseek_models").displays[0].data["text/plain"]


def test_the_key_stays_at_home(asked, url):
    """It was given for the endpoint of the environment alone."""
    asked.fresh()
    cell = asked.run(f"%deepseek --base-url {url}/v1 -m {MODEL} hello")
    assert cell.text == "".join(ANSWER)
    assert not any(KEY in str(message) for message in asked.everything)
