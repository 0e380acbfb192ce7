"""The pages of rules under docs say what the rule tables say."""

import subprocess
import sys
from pathlib import Path

import pytest

from tallystick.conformance.page import page_of

PAGES = sorted((Path(__file__).parents[3] / "docs" / "countries").glob("*-rules.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_is_the_tables(page: Path, root: Path) -> None:
    name = page.stem.removesuffix("-rules")

    assert page.read_text(encoding="utf-8") == page_of(name, root / "fixtures"), (
        f"run: python -m tallystick.conformance {name} > docs/countries/{page.name}"
    )


def test_a_page_lists_every_rule_once_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "zz_table").mkdir()
    rules = (
        '[[rule]]\nid = "A-1"\nseverity = "error"\nterm = "BT-1"\ntext = "It | has a number."\n'
        'source = "x"\nhint = "Give one."\n'
        '[[rule]]\nid = "A-2"\nseverity = "warning"\ntext = "It has a date."\nsource = "x"\n'
        'impossible = "the decoder refuses it"\n'
        '[[rule]]\nid = "A-3"\nseverity = "info"\ntext = "It has a colour."\nsource = "x"\nnative = false\n'
    )
    (tmp_path / "zz_table" / "rules.toml").write_text(rules)

    page = page_of("zz_table", tmp_path)

    assert "| A-1 | error | BT-1 | It \\| has a number. | Give one. |" in page
    assert "| A-2 | warning |  | It has a date. | the decoder refuses it |" in page
    assert "| A-3 | info |  | It has a colour. |" in page
    assert "3 rules: 1 are checked before a document is accepted, 1 cannot be broken" in page


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["default"], 0)])
def test_the_command_prints_a_page(arguments: list[str], status: int, root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick.conformance", *arguments],
        cwd=root,
        capture_output=True,
        check=False,
    )

    assert done.returncode == status
    assert done.stdout.startswith(b"# Rules of `default`") == (status == 0)
