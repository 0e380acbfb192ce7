"""Rule tables are read whole, with those they include, or refused with the reason."""

from pathlib import Path

import pytest

from tallystick.rules.listing import Table, TableInvalid, read_table, shelved

ROW = '[[rule]]\nid = "{id}"\nseverity = "{severity}"\ntext = "{text}"\nsource = "clause 1"\n'


def row(id: str, severity: str = "error", text: str = "It has a number.") -> str:
    return ROW.format(id=id, severity=severity, text=text)


def written(folder: Path, **files: str) -> dict[str, Path]:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)
    return {name: folder / f"{name}.toml" for name in files}


def read(paths: dict[str, Path], name: str) -> Table:
    def opened(other: str) -> Path:
        if other not in paths:
            raise FileNotFoundError(other)
        return paths[other]

    return read_table(paths[name], opened)


def test_a_table_brings_the_rules_sets_and_lists_of_those_it_includes(tmp_path: Path) -> None:
    paths = written(
        tmp_path,
        wide='code_lists = ["eas"]\n[set.wide]\ntitle = "Wide"\nversion = "3"\n' + row("W-1") + row("W-2"),
        own='include = ["wide"]\ncode_lists = ["own", "eas"]\n[set.own]\ntitle = "Own"\n' + row("O-1"),
    )

    table = read(paths, "own")

    assert list(table.rules) == ["W-1", "W-2", "O-1"]
    assert {name: found.version for name, found in table.sets.items()} == {"wide": "3", "own": ""}
    assert table.code_lists == ("eas", "own")


def test_a_rule_of_the_including_table_takes_the_place_of_the_included_one(tmp_path: Path) -> None:
    own = 'include = ["wide"]\n' + row("W-1", "warning", "It has a short number.")

    table = read(written(tmp_path, wide=row("W-1") + row("W-2"), own=own), "own")

    assert [(rule.id, rule.severity) for rule in table.rules.values()] == [
        ("W-1", "warning"),
        ("W-2", "error"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("include = ['nobody']", "there is no table nobody"),
        ("include = ['own']", "includes itself"),
        (row("O-1") * 2, "numbers used twice: O-1"),
        (row("O-1", "fatal"), "fatal"),
        (row("O-1") + "colour = 'red'\n", "colour"),
        ("[[rule]", "own.toml"),
    ],
)
def test_a_table_that_is_not_whole_is_refused_with_the_reason(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TableInvalid, match=said):
        read(written(tmp_path, own=text), "own")


def test_what_is_impossible_or_the_authoritys_alone_is_not_checked_here(tmp_path: Path) -> None:
    text = row("A") + row("B") + 'impossible = "the decoder refuses it"\n' + row("C") + "native = false\n"

    rules = read(written(tmp_path, own=text), "own").rules

    assert {number: rule.checked for number, rule in rules.items()} == {"A": True, "B": False, "C": False}


def test_every_table_of_ours_is_whole_and_a_strategys_own_names_its_sets(root: Path) -> None:
    names = [path.stem for path in (root / "schemas" / "rules").glob("*.toml")]
    strategies = {path.stem for path in (root / "strategies").iterdir()}

    assert len(strategies & set(names)) >= 4
    for name in names:
        table = read_table(shelved(name))
        assert table.rules
        assert name not in strategies or {rule.set for rule in table.rules.values()} <= {*table.sets, ""}
