"""Which files make a set, and which of them judge."""

from pathlib import Path

import pytest

from tallystick.official import Unusable
from tallystick.official.gathering import gathered
from unit.official.publisher import found, judged, rules, sheet, written

SCHEMA = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:own:order"'
    ' xmlns="urn:own:order" elementFormDefault="qualified">{body}</xs:schema>'
)
ORDER = SCHEMA.format(
    body='<xs:include schemaLocation="common/types.xsd"/><xs:element name="order"><xs:complexType>'
    '<xs:sequence><xs:element name="id" type="xs:string"/><xs:element name="line" type="Line"'
    ' maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>'
)
TYPES = SCHEMA.format(
    body='<xs:complexType name="Line"><xs:simpleContent><xs:extension base="xs:integer">'
    '<xs:attribute name="no" type="xs:integer"/></xs:extension></xs:simpleContent></xs:complexType>'
)
ONE = rules('<pattern><rule context="o:order"><assert id="ONE" test="false()"/></rule></pattern>')


def test_a_folder_is_taken_whole_and_a_file_with_all_it_refers_to(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own", order__xsd=ORDER, common_in_types__xsd=TYPES, notes__xml="<x/>", a__sch=ONE
    )

    whole = gathered([folder], ["order"])
    part = gathered([folder / "order.xsd"], ["order"])

    assert set(whole.files) == {"own/order.xsd", "own/common/types.xsd", "own/notes.xml", "own/a.sch"}
    assert set(part.files) == {"own/order.xsd", "own/common/types.xsd"}
    assert [(layer.kind, layer.path) for layer in whole.layers] == [
        ("xsd", "own/order.xsd"),
        ("schematron", "own/a.sch"),
    ]
    assert whole.layers[0].roots == ("{urn:own:order}order",)


async def test_a_schema_judges_the_documents_whose_element_it_declares(tmp_path: Path) -> None:
    folder = written(tmp_path / "own", order__xsd=ORDER, common_in_types__xsd=TYPES)
    good = b"<order xmlns='urn:own:order'><id>A</id><line no='1'> 3 </line></order>"

    assert found(await judged(folder, good, roots=["order"])) == []
    assert found(await judged(folder, good.replace(b" 3 ", b"x"), roots=["order"])) == [("XSD", "fatal")]
    assert found(await judged(folder, b"<other/>", roots=["order"])) == []


async def test_a_document_that_encloses_much_is_judged_like_any_other(tmp_path: Path) -> None:
    folder = written(tmp_path / "own", order__xsd=ORDER, common_in_types__xsd=TYPES, a__sch=ONE)
    body = f"<order xmlns='urn:own:order'><id>{'A' * 11_000_000}</id><line no='1'> 3 </line></order>".encode()

    assert found(await judged(folder, body, roots=["order"])) == [("ONE", "fatal")]
    assert found(await judged(folder, body.replace(b" 3 ", b"x"), roots=["order"])) == [
        ("XSD", "fatal"),
        ("ONE", "fatal"),
    ]


async def test_a_document_with_a_doctype_or_without_form_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "own", a__sch=ONE)
    evil = b"<!DOCTYPE o [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><order xmlns='urn:own:order'>&e;</order>"

    assert found(await judged(folder, evil)) == [("XML", "fatal")]
    assert found(await judged(folder, b"<order")) == [("XML", "fatal")]


def test_a_file_that_a_rule_opens_belongs_to_it(tmp_path: Path) -> None:
    text = rules('<let name="codes" value="document(\'codes.xml\')"/>')
    folder = written(tmp_path / "own", a__sch=text, codes__xml="<codes/>")

    assert set(gathered([folder / "a.sch"]).files) == {"own/a.sch", "own/codes.xml"}
    (folder / "codes.xml").unlink()
    with pytest.raises(Unusable, match=r"refers to codes\.xml, which is not there"):
        gathered([folder / "a.sch"])


def test_a_reference_to_a_network_is_refused(tmp_path: Path) -> None:
    text = SCHEMA.format(body='<xs:import schemaLocation="http://schemas.example/x.xsd"/>')

    with pytest.raises(Unusable, match="nothing is fetched"):
        gathered([written(tmp_path / "own", a__xsd=text)])


def test_a_link_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    written(tmp_path, outside__sch=ONE)
    folder = written(tmp_path / "own", a__sch=ONE)
    (folder / "b.sch").symlink_to(tmp_path / "outside.sch")

    with pytest.raises(Unusable, match="leads out"):
        gathered([folder])


def test_two_schemas_of_one_element_are_refused(tmp_path: Path) -> None:
    plain = SCHEMA.format(body='<xs:element name="order"/>')

    with pytest.raises(Unusable, match="both declare order"):
        gathered([written(tmp_path / "own", a__xsd=plain, b__xsd=plain)])


def test_of_many_elements_those_to_judge_must_be_named(tmp_path: Path) -> None:
    many = SCHEMA.format(body='<xs:element name="order"/><xs:element name="answer"/>')
    folder = written(tmp_path / "own", a__xsd=many)

    with pytest.raises(Unusable, match=r"2 elements \(answer, order\): say with --root"):
        gathered([folder])
    assert gathered([folder], ["answer"]).layers[0].roots == ("{urn:own:order}answer",)


def test_an_element_that_no_schema_declares_is_refused(tmp_path: Path) -> None:
    """A slip of the pen, or the set would judge no document at all."""
    folder = written(tmp_path / "own", a__xsd=SCHEMA.format(body='<xs:element name="order"/>'), b__sch=ONE)

    with pytest.raises(Unusable, match="no schema among the files declares ordre"):
        gathered([folder], ["order", "ordre"])


def test_files_that_judge_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="neither a schema"):
        gathered([written(tmp_path / "own", a__xml="<x/>")])
    with pytest.raises(Unusable, match="neither a folder nor a file"):
        gathered([tmp_path / "nowhere"])


def test_a_stylesheet_that_another_imports_does_not_judge_by_itself(tmp_path: Path) -> None:
    main = sheet("").replace("<xsl:template", '<xsl:import href="part.xsl"/><xsl:template', 1)

    layers = gathered([written(tmp_path / "own", main__xsl=main, part__xsl=sheet(""))]).layers

    assert [layer.path for layer in layers] == ["own/main.xsl"]
