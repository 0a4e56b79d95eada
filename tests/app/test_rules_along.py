"""House rules with a question from a terminal: what is remembered, and what happens where nothing can be."""

from __future__ import annotations

import pytest

from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.app.session import Session
from deepseek_magic.errors import SecretFound
from deepseek_magic.notebook.kernel import Kernel
from tests.app.asking import texts


@pytest.fixture
def asked(server, shell, tmp_path, monkeypatch):
    """Asks a question with house rules in a new session, and returns its prompts and what was sent."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "AGENTS.md").write_text("Be kind.")

    def run(answer="y", session=None, **config):
        prompts = []

        def typed(prompt=""):
            prompts.append(prompt)
            if answer is None:
                raise EOFError
            return answer

        monkeypatch.setattr("builtins.input", typed)
        made = session or Session()
        reply = ask(made, Ask("q", {"quiet": True}, {"rules": True, **config}, Kernel(shell), by_cell=True))
        if session is None:
            made.close()
        return prompts, texts(server.requests[-1]), " ".join(reply.notices)

    return run


def test_a_confirmation_lasts_beyond_the_session_by_its_hash_alone(asked, tmp_path, capsys):
    prompts, sent, _ = asked()
    assert len(prompts) == 1
    assert sent == ["House rules of this project, from its file AGENTS.md:\n\nBe kind.", "q"]
    assert "Be kind." in capsys.readouterr().out  # also of a quiet question: nothing goes along unseen
    (place,) = (tmp_path / "state").rglob("*confirmed*")
    assert [len(line) for line in place.read_text().splitlines()] == [64]
    assert asked()[0] == []
    (tmp_path / "AGENTS.md").write_text("Be kind!")
    assert len(asked("n")[0]) == 1
    assert len(asked("n")[0]) == 1  # another session asks again


def test_where_nothing_can_be_kept_the_session_remembers(asked, tmp_path, session):
    (tmp_path / "state").write_text("a file in the way")
    assert len(asked(session=session)[0]) == 1
    prompts, sent, _ = asked(session=session)
    assert (prompts, len(sent)) == ([], 4)
    assert len(asked()[0]) == 1


def test_no_answer_is_no(asked):
    prompts, sent, said = asked(None)
    assert (len(prompts), sent) == (1, ["q"])
    assert "were left out: nobody has confirmed them yet, and nobody can be asked here." in said


def test_what_cannot_be_read_is_said(asked, tmp_path):
    (tmp_path / "AGENTS.md").write_bytes(b"\xff\xff")
    prompts, sent, said = asked()
    assert (prompts, sent) == ([], ["q"])
    assert "The house rules in AGENTS.md were left out: it is not text in UTF-8." in said
    (tmp_path / "AGENTS.md").unlink()
    assert asked() == ([], ["q"], "")


def test_a_guard_that_refuses_refuses_them(asked, tmp_path, server):
    (tmp_path / "AGENTS.md").write_text("The key is sk-" + "0123456789abcdef" * 2)
    with pytest.raises(SecretFound):
        asked(guard="refuse")
    assert server.requests == []


def test_what_is_too_long_is_cut_and_the_receipt_says_so(asked, tmp_path, session):
    (tmp_path / "AGENTS.md").write_text("A line of rules.\n" * 1_000)
    _, sent, _ = asked(session=session)
    assert len(sent[0].encode()) < 8_300
    row = session.conversations.named().last_ending.receipt_rows[0]
    assert row[0] == "house rules (AGENTS.md)"
    assert "the first 8,177 bytes of it" in row[2]
