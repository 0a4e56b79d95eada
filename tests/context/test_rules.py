"""Which file of house rules counts in a folder, and what of it."""

from __future__ import annotations

import pytest

from deepseek_magic.context.rules import MOST_BYTES, find


@pytest.fixture
def project(tmp_path):
    """A repository with folders in it, below a folder with rules of somebody else's."""
    (tmp_path / "AGENTS.md").write_text("of somebody else")
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / "a" / "b").mkdir(parents=True)
    return root


def text(folder):
    found = find(folder)
    return None if found is None else (found.name, found.text)


def test_the_nearest_counts_and_nothing_above_the_repository(project):
    assert text(project / "a" / "b") is None
    (project / "AGENTS.md").write_text("of the root")
    assert text(project / "a" / "b") == ("AGENTS.md", "of the root")
    (project / "a" / "AGENTS.md").write_text("of a")
    assert text(project / "a" / "b") == ("AGENTS.md", "of a")
    assert text(project) == ("AGENTS.md", "of the root")
    (project / "a" / "deepseek.md").write_text("of a, for us")
    assert text(project / "a" / "b") == ("deepseek.md", "of a, for us")
    (project / "a" / "b" / "AGENTS.md").write_text("of b")
    assert text(project / "a" / "b") == ("AGENTS.md", "of b")


def test_without_a_repository_only_the_folder_itself_is_looked_at(tmp_path):
    (tmp_path / "AGENTS.md").write_text("above")
    (tmp_path / "a").mkdir()
    assert text(tmp_path / "a") is None
    assert text(tmp_path) == ("AGENTS.md", "above")


def test_a_worktree_has_a_file_in_place_of_the_folder(project):
    (project / "a" / ".git").write_text("gitdir: elsewhere")
    (project / "AGENTS.md").write_text("of the root")
    assert text(project / "a" / "b") is None


def test_no_link_leads_out(project, tmp_path):
    (project / "a" / "deepseek.md").symlink_to(tmp_path / "AGENTS.md")
    found = find(project / "a")
    assert (found.text, found.refused) == ("", "it is a link that leads out of the project")
    (project / "rules.md").write_text("within")
    (project / "AGENTS.md").symlink_to("rules.md")
    assert text(project) == ("AGENTS.md", "within")
    (tmp_path / "link").symlink_to(project / "a" / "b")
    assert text(tmp_path / "link") == ("deepseek.md", "")  # its real place counts
    (project / "a" / "b" / "AGENTS.md").symlink_to("AGENTS.md")
    assert find(project / "a" / "b") is not None  # a link to itself is passed over


def test_at_most_eight_kilobytes_go_along_in_whole_lines(project):
    (project / "AGENTS.md").write_text("é" * 30 + "\n" + "line é\n" * 2_000)
    found = find(project)
    assert len(found.text.encode()) <= MOST_BYTES
    assert found.text.endswith("line é\n")
    assert found.left_out == (project / "AGENTS.md").stat().st_size - len(found.text.encode())
    (project / "AGENTS.md").write_text("é" * 10_000)
    assert find(project).text == "é" * (MOST_BYTES // 2)
    (project / "AGENTS.md").write_bytes(b"x" * MOST_BYTES)
    assert find(project).left_out == 0


@pytest.mark.parametrize("content", ["", " \n\n"])
def test_an_empty_file_says_nothing(project, content):
    (project / "AGENTS.md").write_text(content)
    assert find(project) is None


def test_what_is_not_text_is_refused(project):
    (project / "AGENTS.md").write_bytes(b"\xff\xfe\x00")
    assert find(project).refused == "it is not text in UTF-8"
    (project / "AGENTS.md").unlink()
    (project / "AGENTS.md").mkdir()
    assert find(project) is None
    assert find(project / "none" / "such") is None


def test_each_text_has_a_digest_of_its_own(project):
    digests = set()
    for content in ("a", "b", "a\n"):
        (project / "AGENTS.md").write_text(content)
        digests.add(find(project).digest)
    assert len(digests) == 3


def test_the_users_own_system_text_stands_below_the_rules(project):
    (project / "AGENTS.md").write_text("Be kind.\n")
    rules = find(project)
    assert rules.system("") == "House rules of this project, from its file AGENTS.md:\n\nBe kind."
    assert rules.system("Be brief.").endswith("Be kind.\n\nEnd of the house rules.\n\nBe brief.")
