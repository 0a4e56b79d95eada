"""The ``.env`` of a project: which file counts, what of it is read, and what is refused."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from deepseek_magic.app.keys import Keys
from deepseek_magic.credentials.dotenv_file import look, nearest

VALUE = "sk-of-a-dotenv-file-0c41"
LINE = f"DEEPSEEK_API_KEY={VALUE}\n"
DEEPSEEK = "https://api.deepseek.com"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with a project in it, which is a repository, and a folder in that."""
    (tmp_path / "home" / "project" / "notebooks").mkdir(parents=True)
    (tmp_path / "home" / "project" / ".git").mkdir()
    return tmp_path / "home"


def written(path: Path, text: str = LINE, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("place", ["project/notebooks", "project"])
def test_the_nearest_file_up_to_the_root_of_the_repository_gives_the_key(home: Path, place: str) -> None:
    path = written(home / place / ".env")
    found = look(home / "project" / "notebooks", home)
    assert found.key is not None
    assert (found.key.secret.reveal(), found.key.source, found.key.host) == (
        VALUE,
        f"the file {path}",
        "api.deepseek.com",
    )
    assert VALUE not in repr(found)


def test_a_nearer_file_counts_also_where_it_has_no_key(home: Path) -> None:
    written(home / "project" / ".env")
    written(home / "project" / "notebooks" / ".env", "OTHER=1\n")
    assert look(home / "project" / "notebooks", home).key is None


@pytest.mark.parametrize("start", ["project/notebooks", "project", ".", ".."])
def test_no_file_at_or_above_the_home_folder_counts(home: Path, start: str) -> None:
    """Not even where the home folder is a repository, or lies in one."""
    (home / ".git").mkdir()
    (home.parent / ".git").mkdir()
    (home / "project" / ".git").rmdir()
    written(home / ".env")
    written(home.parent / ".env")
    assert nearest(home / start, home) is None


def test_without_a_repository_only_the_folder_itself_counts(home: Path) -> None:
    (home / "project" / ".git").rmdir()
    written(home / "project" / ".env")
    assert look(home / "project" / "notebooks", home).key is None
    assert look(home / "project", home).key is not None


def test_a_folder_that_is_reached_by_a_link_is_the_one_behind_it(home: Path) -> None:
    """A link from the project to the home folder's file is not a way around the rule."""
    written(home / ".env")
    (home / "project" / "up").symlink_to(home)
    assert nearest(home / "project" / "up", home) is None


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (f'export DEEPSEEK_API_KEY="{VALUE}"', VALUE),
        (f"DEEPSEEK_API_KEY='Bearer {VALUE}'  # mine", VALUE),
        ("DEEPSEEK_API_KEY=sk-${HOME}-x", "sk-${HOME}-x"),
        ("OTHER=sk-other\nDEEPSEEK_API_KEY=$OTHER", "$OTHER"),
    ],
)
def test_quotes_go_and_nothing_is_expanded(home: Path, line: str, value: str) -> None:
    written(home / "project" / ".env", line)
    found = look(home / "project", home)
    assert found.key is not None
    assert found.key.secret.reveal() == value


def test_only_the_key_is_read_and_nothing_enters_the_environment(home: Path) -> None:
    """No URL of the file is used: its key goes to DeepSeek and to no other host."""
    evil = "https://evil.example"
    written(home / "project" / ".env", f"DEEPSEEK_BASE_URL={evil}\nHTTPS_PROXY={evil}\n{LINE}")
    before = dict(os.environ)
    keys = Keys({}, lambda: home / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "home", lambda: home)
        found = keys.find(DEEPSEEK)
        assert found is not None
        assert found.serves(DEEPSEEK)
        assert not found.serves(evil)
        assert keys.find(evil) is None
        assert keys.find("http://127.0.0.1:8000") is None
        assert Keys({"DEEPSEEK_API_KEY": "sk-of-the-environment"}, lambda: home / "project").find(DEEPSEEK) != found
    assert dict(os.environ) == before


def test_files_that_others_could_have_written_are_refused_with_the_reason(home: Path) -> None:
    path = written(home / "project" / ".env", mode=0o660)
    assert look(home / "project", home).refused == f"{path} is not used: others may write it (chmod go-w fixes that)"
    path.chmod(0o602)
    assert "others may write it" in look(home / "project", home).refused
    path.chmod(0o644)
    assert look(home / "project", home).key is not None


def test_a_file_of_another_user_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(home / "project" / ".env")
    monkeypatch.setattr(os, "getuid", lambda: 4_294_967_000)
    assert look(home / "project", home).refused.endswith("it belongs to another user")


def test_links_pipes_folders_and_sockets_are_refused_without_waiting(home: Path) -> None:
    place = home / "project" / ".env"
    place.symlink_to(written(home / "elsewhere"))
    assert look(home / "project", home).refused.endswith("it is a link, or not a regular file")
    place.unlink()
    os.mkfifo(place)
    assert look(home / "project", home).refused.endswith("not a regular file")
    place.unlink()
    place.mkdir()
    assert look(home / "project", home).refused.endswith("not a regular file")
    place.rmdir()
    with socket.socket(socket.AF_UNIX) as listener, pytest.MonkeyPatch.context() as patch:
        patch.chdir(place.parent)
        listener.bind(place.name)
        assert look(home / "project", home).refused.endswith("not a regular file")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"DEEPSEEK_API_KEY=\xff\xfe", "it is not text in UTF-8"),
        (LINE.encode() + b"#" * 70_000, "it is longer than 64 kB"),
        (b"DEEPSEEK_API_KEY='two words'", "spaces or characters no key has"),
    ],
)
def test_what_cannot_hold_a_key_is_refused_without_showing_it(home: Path, data: bytes, reason: str) -> None:
    (home / "project" / ".env").write_bytes(data)
    refused = look(home / "project", home).refused
    assert reason in refused
    assert VALUE not in refused
    assert "two words" not in refused


def test_an_empty_key_is_none(home: Path) -> None:
    written(home / "project" / ".env", "DEEPSEEK_API_KEY=\n")
    found = look(home / "project", home)
    assert (found.key, found.refused) == (None, "")
