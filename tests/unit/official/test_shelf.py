"""What is brought stays as it was brought, and every change of it is seen."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from tallystick.official import Unusable
from tallystick.official import shelf as shelf_module
from tallystick.official.bringing import check
from tallystick.official.matching import matching
from tallystick.official.shelf import Shelf
from unit.official.publisher import DOCUMENT, brought, rules, within, written

ONE = rules('<pattern><rule context="o:order"><assert id="ONE" test="false()"/></rule></pattern>')
TWO = ONE.replace("ONE", "TWO")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


async def test_the_digest_is_that_of_the_list_of_files(tmp_path: Path, shelf: Shelf) -> None:
    artefacts = await brought(shelf, written(tmp_path / "own", b__sch=ONE, a__xml="<x/>"))

    lines = [
        f"{hashlib.sha256(text.encode()).hexdigest()}  own/{name}\n"
        for name, text in (("a.xml", "<x/>"), ("b.sch", ONE))
    ]
    assert artefacts.digest == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert [each.path for each in artefacts.files] == ["own/a.xml", "own/b.sch"]
    assert artefacts.rules == ("ONE",)


async def test_a_set_appears_to_a_reader_who_was_there_before_and_goes_again(
    tmp_path: Path, shelf: Shelf
) -> None:
    reader = Shelf(shelf.directory)
    assert reader.of("peppol") == ()

    artefacts = await brought(shelf, written(tmp_path / "own", a__sch=ONE))
    assert reader.of("peppol") == (artefacts,)
    assert reader.of("default") == ()

    shelf.remove("own")
    assert reader.of("peppol") == ()
    assert [path.name for path in shelf.directory.rglob("*") if path.is_file()] == ["lock"]


async def test_a_set_that_goes_while_somebody_looks_is_gone(
    tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = await brought(shelf, written(tmp_path / "own", a__sch=ONE))
    await brought(shelf, written(tmp_path / "own", a__sch=TWO), profile="goes")
    reader, seen = Shelf(shelf.directory), shelf_module._marks

    def slowly(folder: Path) -> list[tuple[str, int, int]]:
        found = list(seen(folder))
        (shelf.directory / "sets" / "goes.json").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(shelf_module, "_marks", slowly)
    assert reader.of("peppol") == (stays,)


async def test_a_name_is_taken_once_unless_it_is_replaced(tmp_path: Path, shelf: Shelf) -> None:
    first = await brought(shelf, written(tmp_path / "own", a__sch=ONE))
    folder = written(tmp_path / "own", a__sch=TWO)

    with pytest.raises(Unusable, match="--replace"):
        await brought(shelf, folder)
    assert shelf.all() == (first,)
    second = await brought(shelf, folder, replace=True)

    assert shelf.all() == (second,)
    assert not shelf.home(first).exists()
    assert await check(shelf, second) == ()


async def test_files_stay_as_long_as_any_set_has_them(tmp_path: Path, shelf: Shelf) -> None:
    folder = written(tmp_path / "own", a__sch=ONE)
    await brought(shelf, folder)
    other = await brought(shelf, folder, profile="other")

    shelf.remove("own")

    assert await check(shelf, other) == ()


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", ".hidden", "x" * 65])
async def test_a_name_cannot_lead_anywhere(tmp_path: Path, shelf: Shelf, name: str) -> None:
    with pytest.raises(Unusable, match="a name is of"):
        await brought(shelf, written(tmp_path / "own", a__sch=ONE), profile=name)


async def test_files_that_were_changed_do_not_judge(tmp_path: Path, shelf: Shelf) -> None:
    artefacts = await brought(shelf, written(tmp_path / "own", a__sch=ONE))
    file = shelf.home(artefacts) / "own/a.sch"
    file.chmod(0o644)
    file.write_text(TWO)

    assert await check(shelf, artefacts) == ("own/a.sch is not the file that was brought",)
    with pytest.raises(Unusable, match="is not the file that was brought"):
        await within(shelf, lambda court: court.opinion(artefacts, DOCUMENT))

    file.unlink()
    assert await check(shelf, artefacts) == ("own/a.sch is missing",)


@pytest.mark.parametrize("again", [{"replace": True}, {"profile": "other"}])
async def test_bringing_files_again_mends_those_that_were_changed(
    tmp_path: Path, shelf: Shelf, again: dict[str, Any]
) -> None:
    artefacts = await brought(shelf, written(tmp_path / "own", a__sch=ONE, b__xml="<x/>"))
    (shelf.home(artefacts) / "own/a.sch").unlink()

    await brought(shelf, tmp_path / "own", **again)

    assert [await check(shelf, each) for each in shelf.all()] == [()] * len(shelf.all())
    assert [path.name for path in (shelf.directory / "files").iterdir()] == [artefacts.digest]


async def test_what_is_kept_can_be_read_by_everyone_and_changed_by_nobody(
    tmp_path: Path, shelf: Shelf
) -> None:
    """A worker may be another user than the operator, whose own files nobody else may read."""
    before = os.umask(0o077)
    try:
        artefacts = await brought(shelf, written(tmp_path / "own", a__sch=ONE, deep_in_er_in_b__sch=TWO))
    finally:
        os.umask(before)

    home, folders = shelf.home(artefacts), (shelf.directory, *shelf.directory.rglob("*"))
    assert {path.stat().st_mode & 0o777 for path in folders if path.is_dir()} == {0o755}
    assert {path.stat().st_mode & 0o777 for path in home.rglob("*") if path.is_file()} == {0o444}


async def test_a_set_that_goes_at_this_moment_hides_no_other(tmp_path: Path, shelf: Shelf) -> None:
    artefacts = await brought(shelf, written(tmp_path / "own", a__sch=ONE))
    (shelf.directory / "sets" / "gone.json").symlink_to("nowhere")

    assert Shelf(shelf.directory).all() == (artefacts,)


def test_sets_that_cannot_be_looked_for_are_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "sets").write_text("a folder should stand here")

    with pytest.raises(Unusable, match="cannot be looked for"):
        Shelf(tmp_path).all()


async def test_a_record_that_cannot_be_read_is_told(tmp_path: Path, shelf: Shelf) -> None:
    await brought(shelf, written(tmp_path / "own", a__sch=ONE))
    (shelf.directory / "sets" / "own.json").write_text("{")

    with pytest.raises(Unusable, match=r"own\.json cannot be read"):
        Shelf(shelf.directory).all()


async def test_a_set_judges_the_documents_it_is_for(tmp_path: Path, shelf: Shelf) -> None:
    folder = written(tmp_path / "own", a__sch=ONE)
    plain = await brought(shelf, folder, roots=("Invoice",))
    named = await brought(shelf, folder, profile="named", roots=("Invoice",), customizations=("urn:x",))
    sets = (plain, named)
    cbc = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
    body = f"<Invoice xmlns:cbc='{cbc}'><cbc:CustomizationID> urn:x </cbc:CustomizationID></Invoice>".encode()

    assert matching(sets, body) == (named,)
    assert matching(sets, body.replace(b"urn:x", b"urn:y")) == (plain,)
    assert matching(sets, body.replace(b"Invoice", b"CreditNote")) == ()
    assert matching(sets, b"{}") == ()


@pytest.mark.parametrize(
    ("day", "profiles"),
    [("2026-08-23", ["old"]), ("2026-08-24", ["new", "old"]), ("2026-09-01", ["new"]), ("", ["new", "old"])],
)
async def test_editions_judge_the_documents_of_their_days(
    tmp_path: Path, shelf: Shelf, day: str, profiles: list[str]
) -> None:
    folder = written(tmp_path / "own", a__sch=ONE)
    old = await brought(shelf, folder, profile="old", until="2026-08-24")
    new = await brought(shelf, folder, profile="new", since="2026-08-24")
    cbc = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
    ram = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
    issued = f"<cbc:IssueDate>{day}</cbc:IssueDate>" if day else ""
    otherwise = f"<ram:IssueDateTime><d>{day.replace('-', '')}</d></ram:IssueDateTime>" if day else ""

    for text in (issued, otherwise):
        body = f"<Invoice xmlns:cbc='{cbc}' xmlns:ram='{ram}'>{text}<rest/></Invoice>".encode()
        assert sorted(each.profile for each in matching((old, new), body)) == profiles
