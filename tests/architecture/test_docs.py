"""The decisions: numbered without gaps, of one form, all in the table."""

import re
from pathlib import Path

import pytest

PARTS = ["Context", "Decision", "Consequences", "Alternatives"]


def decisions(root: Path) -> list[Path]:
    return sorted((root / "docs/decisions").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps(root: Path) -> None:
    numbers = [int(path.name[:4]) for path in decisions(root)]
    assert numbers == list(range(len(numbers)))


def test_every_decision_has_the_four_parts_and_a_state(root: Path) -> None:
    for path in decisions(root):
        text = path.read_text()
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS, path.name
        assert re.search(r"^State: ", text, re.MULTILINE), path.name


def test_the_table_and_the_folder_are_equal(root: Path) -> None:
    table = re.findall(r"\]\((\d{4}-[\w-]+\.md)\) \|", (root / "docs/decisions/README.md").read_text())
    assert table == [path.name for path in decisions(root)[1:]]


@pytest.mark.parametrize(
    "name", ["README.md", "docs/decisions/README.md", "docs/changelog.md", "docs/changes/README.md"]
)
def test_links_between_files_lead_somewhere(root: Path, name: str) -> None:
    page = root / name
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_change_fragments_have_a_kind(root: Path) -> None:
    names = {path.name for path in (root / "docs/changes").glob("*.md")} - {"README.md"}
    assert [
        name for name in names if not re.fullmatch(r"[\w-]+\.(feature|fix|change|removal|security)\.md", name)
    ] == []
