"""Where a key comes from, in a real kernel: the card says it, and a key in a cell is noticed before it is sent."""

from __future__ import annotations

from tests.faults import NORMAL_TEXT, FaultServer
from tests.kernel import KEY, Kernel

FORMED = "sk-" + "0123456789abcdef" * 2


def project(kernel: Kernel, text: str, mode: int = 0o600) -> None:
    """A repository with a notebook and a ``.env``, which the kernel runs."""
    folder = kernel.home / "project"
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    (folder / "a.ipynb").write_text("{}", encoding="utf-8")
    (folder / ".env").write_text(text, encoding="utf-8")
    (folder / ".env").chmod(mode)
    kernel.fresh(with_key=False, JPY_SESSION_NAME=str(folder / "a.ipynb"))


def end(kernel: Kernel) -> None:
    (kernel.home / "project" / ".env").unlink()
    kernel.quietly("import os; os.environ.pop('JPY_SESSION_NAME', None)")


def test_the_card_says_that_the_key_is_from_the_projects_file(kernel: Kernel) -> None:
    project(kernel, "DEEPSEEK_API_KEY=sk-of-the-file-5d1e\nDEEPSEEK_BASE_URL=https://evil.example\n")
    card = kernel.run("%deepseek").text
    assert f"from the file {kernel.home / 'project' / '.env'}" in card
    assert "https://api.deepseek.com" in card
    assert "sk-of-the-file" not in card
    assert (
        kernel.value("[__import__('os').environ.get(n) for n in ('DEEPSEEK_API_KEY', 'DEEPSEEK_BASE_URL')]")
        == [None] * 2
    )
    end(kernel)


def test_a_file_that_is_refused_is_named_where_a_key_is_missed(kernel: Kernel) -> None:
    project(kernel, "DEEPSEEK_API_KEY=sk-of-the-file-5d1e\n", 0o666)
    cell = kernel.run("%deepseek hi")
    assert cell.error.startswith("MissingKey: no key for api.deepseek.com")
    assert "others may write it" in cell.error
    assert "others may write it" in kernel.run("%deepseek").text
    end(kernel)


def test_a_key_in_a_cell_is_noticed_before_it_is_sent(kernel: Kernel, server: FaultServer) -> None:
    cell = kernel.run(f"%deepseek what is {FORMED}?")
    assert cell.printed.startswith("There is a key in this cell; it is masked in what is sent.")
    assert cell.displays[0].data["text/plain"] == NORMAL_TEXT
    assert FORMED not in str(server.requests[-1].json)
    assert "There is a key" not in kernel.run("%deepseek and now?").printed


def test_a_profile_is_asked_and_its_card_shown(kernel: Kernel, server: FaultServer) -> None:
    folder = kernel.home / ".config" / "deepseek-magic"
    folder.mkdir(parents=True)
    with FaultServer() as other:
        text = f'[work]\nbase_url = "{other.url}"\nkey = "env:KEY_OF_THE_TESTS"\nmodel = "deepseek-v4-pro"\n'
        (folder / "profiles.toml").write_text(text, encoding="utf-8")
        assert kernel.run("%deepseek --profile work hi").text == NORMAL_TEXT
        assert other.requests[-1].json["model"] == "deepseek-v4-pro"
        assert other.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        assert server.requests == []
        card = kernel.run("%deepseek --profile work").text
        assert "from the profile work, the variable KEY_OF_THE_TESTS" in card
        assert kernel.run("%deepseek --profile wrok hi").error.endswith("did you mean work?")
        kernel.quietly("%config DeepSeek.profile = 'work'")
        assert kernel.run("%deepseek hi again").text == NORMAL_TEXT
        assert len(other.requests) == 2
