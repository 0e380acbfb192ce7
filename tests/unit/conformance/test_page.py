"""The pages of rules under docs say what the rule tables say."""

import subprocess
import sys
from pathlib import Path

import pytest

from tallystick.conformance.page import page_of
from tallystick.conformance.rules import rules_of

ROOT = Path(__file__).parents[3]
HOMES = sorted(path for path in (ROOT / "strategies").iterdir() if not path.name.startswith("_"))
NAMES = [path.stem for path in HOMES if rules_of(path.stem, ROOT / "fixtures")]


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_with_a_table_has_a_page_and_it_is_the_tables(name: str) -> None:
    page = ROOT / "docs" / "countries" / f"{name}-rules.md"

    assert page.is_file() and page.read_text(encoding="utf-8") == page_of(name, ROOT / "fixtures"), (
        f"run: python -m tallystick.conformance {name} > docs/countries/{page.name}"
    )


def test_there_is_no_page_without_a_table() -> None:
    pages = {path.stem.removesuffix("-rules") for path in (ROOT / "docs" / "countries").glob("*-rules.md")}

    assert len(NAMES) >= 4
    assert pages == set(NAMES)


def test_a_page_lists_every_rule_once_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "zz_table").mkdir()
    rules = (
        'code_lists = ["eas"]\n[set.own]\ntitle = "Own rules"\npublisher = "Us"\nversion = "3"\n'
        '[[rule]]\nid = "B-1"\nset = "own"\nseverity = "error"\ntext = "It has a seller."\nsource = "x"\n'
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
    assert "4 rules: 2 are checked before a document is accepted, 1 cannot be broken" in page
    assert "3 rules: 1 are checked before a document is accepted, 1 cannot be broken" in page
    own, rest = page.index("## Own rules (`own`, Us 3)"), page.index("## All rules")
    assert own < page.index("| B-1 |") < rest < page.index("| A-1 |")
    assert page.count("| B-1 |") == page.count("| A-1 |") == 1
    assert "Code lists: `eas`" in page


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
