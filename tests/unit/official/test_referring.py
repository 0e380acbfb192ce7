"""Nothing outside the folder that was given comes into a set, and nothing that no file asks for."""

from pathlib import Path

import pytest

from tallystick.official import Unusable
from tallystick.official.gathering import gathered
from unit.official.publisher import rules, sheet, written

CODES = rules('<let name="codes" value="{opens}"/>')


def including(href: str) -> str:
    return rules(f'<include href="{href}"/>')


PART = '<pattern xmlns="http://purl.oclc.org/dsdl/schematron"/>'


def test_of_the_neighbours_of_a_file_only_those_it_asks_for_are_taken(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__sch=including("parts/b.sch"),
        parts_in_b__sch=PART,
        parts_in_c__sch=PART,
        private__txt="ours",
        other__xsd="<not even XML",
    )

    assert set(gathered([folder / "a.sch"]).files) == {"own/a.sch", "own/parts/b.sch"}


@pytest.mark.parametrize("href", ["../outside.sch", "parts/../../outside.sch", "..%2Foutside.sch"])
@pytest.mark.parametrize("source", ["", "a.sch"])
def test_a_reference_out_of_the_folder_is_refused(tmp_path: Path, href: str, source: str) -> None:
    written(tmp_path, outside__sch=PART)
    folder = written(tmp_path / "own", a__sch=including(href), parts_in_b__xml="<x/>")

    with pytest.raises(
        Unusable, match=rf"a\.sch refers to {href}, which lies outside .*/own: bring the folder"
    ):
        gathered([folder / source])


@pytest.mark.parametrize("source", ["", "a.sch"])
@pytest.mark.parametrize("call", ["unparsed-text", "doc", "document", "unparsed-text-lines"])
def test_a_file_that_a_rule_would_open_anywhere_is_refused(tmp_path: Path, source: str, call: str) -> None:
    secret = tmp_path / "secret.pem"
    secret.write_text("ours")
    folder = written(tmp_path / "own", a__sch=CODES.format(opens=f"{call} ('{secret}')"))

    with pytest.raises(Unusable, match="a place on one machine"):
        gathered([folder / source])
    written(folder, a__sch=CODES.format(opens=f"{call}('../secret.pem')"))
    with pytest.raises(Unusable, match="lies outside"):
        gathered([folder / source])


@pytest.mark.parametrize("source", ["", "a.sch"])
def test_an_absolute_reference_is_refused_even_to_a_file_of_the_folder(tmp_path: Path, source: str) -> None:
    """Used from the installation it would lead to the user's file, not to the one that was kept."""
    folder = written(tmp_path / "own", b__sch=PART)
    written(folder, a__sch=including(str(folder / "b.sch")))

    with pytest.raises(Unusable, match="a place on one machine"):
        gathered([folder / source])


def test_a_reference_that_is_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"a\.sch refers to http://\[, which is no place"):
        gathered([written(tmp_path / "own", a__sch=including("http://["))])


@pytest.mark.parametrize("source", ["", "a.sch"])
def test_a_reference_by_a_link_out_of_the_folder_is_refused(tmp_path: Path, source: str) -> None:
    written(tmp_path / "elsewhere", b__sch=PART)
    folder = written(tmp_path / "own", a__sch=including("parts/b.sch"))
    (folder / "parts").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Unusable, match=r"a link .*leads out of"):
        gathered([folder / source])


def test_a_link_within_the_folder_is_kept_as_the_file_it_leads_to(tmp_path: Path) -> None:
    folder = written(tmp_path / "own", a__sch=including("parts/b.sch"), real_in_b__sch=PART)
    (folder / "parts").symlink_to("real")

    assert gathered([folder / "a.sch"]).files["own/parts/b.sch"] == PART.encode()
    assert "own/parts/b.sch" in gathered([folder]).files


def test_a_reference_that_a_link_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    """By its letters `deep/../b.sch` is the folder's own file; by the link it is another."""
    folder = written(
        tmp_path / "own", a__sch=including("deep/../b.sch"), b__sch=PART, far_in_b__sch=PART + " "
    )
    (folder / "far" / "away").mkdir()
    (folder / "deep").symlink_to("far/away")

    with pytest.raises(Unusable, match="by way of a link"):
        gathered([folder])


def test_a_circle_of_links_leads_nowhere(tmp_path: Path) -> None:
    folder = written(tmp_path / "own", a__sch=including("b.sch"))
    (folder / "b.sch").symlink_to("c.sch")
    (folder / "c.sch").symlink_to("b.sch")

    for source in (folder, folder / "a.sch"):
        with pytest.raises(Unusable):
            gathered([source])


def test_a_file_may_refer_to_what_lies_within_the_folder_that_is_named(tmp_path: Path) -> None:
    written(tmp_path / "all", main_in_a__sch=including("../parts/b.sch"), parts_in_b__sch=PART)
    file = tmp_path / "all" / "main" / "a.sch"

    with pytest.raises(Unusable, match="name it by --within"):
        gathered([file])
    bounds = [tmp_path / "all" / "parts", tmp_path / "all"]
    assert set(gathered([file], bounds=bounds).files) == {"all/main/a.sch", "all/parts/b.sch"}
    with pytest.raises(Unusable, match="lies outside"):
        gathered([file], bounds=bounds[:1])


def test_a_file_elsewhere_than_the_folder_that_is_named_keeps_to_its_own(tmp_path: Path) -> None:
    named = written(tmp_path / "all", main_in_a__sch=including("../parts/b.sch"), parts_in_b__sch=PART)
    other = written(tmp_path / "other", c__sch=including("../all/parts/b.sch"), d__sch=rules(""))

    assert "other/d.sch" in gathered([named / "main/a.sch", other / "d.sch"], bounds=[named]).files
    with pytest.raises(Unusable, match=r"which lies outside .*/other:"):
        gathered([other / "c.sch"], bounds=[named])


def test_a_file_of_any_kind_that_a_rule_opens_belongs_to_a_folder(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own", a__sch=CODES.format(opens="unparsed-text('codes.dat')"), codes__dat="1", b__dat="2"
    )

    assert set(gathered([folder]).files) == {"own/a.sch", "own/codes.dat"}


@pytest.mark.parametrize(
    "declared",
    [
        'SYSTEM "../outside.dtd"',
        'PUBLIC "-//X" "x.dtd"',
        '[<!ENTITY e SYSTEM "../outside.txt">]',
        '[<!ENTITY % p SYSTEM "../outside.txt"> %p;]',
    ],
)
def test_a_stylesheet_that_declares_other_files_is_refused(tmp_path: Path, declared: str) -> None:
    """The processor would read them, wherever they are."""
    text = f"<!DOCTYPE xsl:stylesheet {declared}>" + sheet("")

    with pytest.raises(Unusable, match="declares entities or a document type of other files"):
        gathered([written(tmp_path / "own", a__xsl=text)])


def test_a_stylesheet_may_name_its_own_signs(tmp_path: Path) -> None:
    text = '<!DOCTYPE xsl:stylesheet [<!ENTITY nbsp "&#160;">]>' + sheet("")

    assert len(gathered([written(tmp_path / "own", a__xsl=text)]).layers) == 1


def test_what_is_kept_is_what_was_looked_at(tmp_path: Path) -> None:
    folder = written(tmp_path / "own", a__sch=rules(""))
    found = gathered([folder])
    written(folder, a__sch="something else by now")

    assert found.files == {"own/a.sch": rules("").encode()}
