"""The door to the schemas: a name in, a path out, and no way past the folder."""

from pathlib import Path

import pytest

from tallystick import schemas


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shelf" / "rules").mkdir(parents=True)
    (tmp_path / "shelf" / "rules" / "one.toml").write_text("")
    (tmp_path / "shelf" / "__init__.py").write_text("")
    (tmp_path / "outside.toml").write_text("")
    monkeypatch.setattr(schemas, "_SHELF", tmp_path / "shelf")
    return tmp_path / "shelf"


def test_a_name_opens_its_file(shelf: Path) -> None:
    assert schemas.path("rules/one.toml") == shelf / "rules" / "one.toml"


@pytest.mark.parametrize(
    "name", ["", "rules", "rules/two.toml", "../outside.toml", "rules/../../outside.toml", "/etc/hosts"]
)
def test_no_other_name_opens_anything(shelf: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        schemas.path(name)


def test_names_are_listed_without_the_door_itself(shelf: Path) -> None:
    assert schemas.names() == ("rules/one.toml",)
    assert schemas.names("rules", ".json") == ()


def test_in_a_checkout_the_shelf_is_the_top_level_folder(root: Path) -> None:
    assert root / "schemas" == schemas._SHELF
