"""However much a judge has to say, what decides is told; and what he says is what the files said."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tallystick.official import Artefacts, Finding, Unusable
from tallystick.official.court import Court
from tallystick.official.judge import MOST_TOLD, told
from tallystick.official.shelf import Shelf
from unit.official.publisher import DOCUMENT, brought, found, judged, rules, sheet, written

NOISY = rules(
    '<pattern><rule context="o:line"><assert id="NOISE" flag="warning" test="false()"/></rule></pattern>'
    '<pattern><rule context="o:order"><assert id="END" test="false()"/></rule></pattern>'
)
LONG = rules(
    '<pattern><rule context="o:line"><assert id="LONG" test="false()">'
    "<value-of select=\"string-join(for $n in 1 to 300000 return 'abcdefghij')\"/></assert></rule></pattern>"
)
OPENING = rules(
    '<pattern><rule context="o:order"><assert id="CODE" test="'
    "if (doc-available('codes.xml')) then doc('codes.xml')/codes = o:id else false()"
    '">no code: <value-of select="doc(\'codes.xml\')/codes"/></assert></rule></pattern>'
)


def finding(rule: str, level: Any = "warning") -> Finding:
    return Finding(rule, level, "", "", "")


async def test_a_document_is_refused_however_many_warnings_come_first(tmp_path: Path) -> None:
    lines = b"<line/>" * (MOST_TOLD + 1)
    opinion = await judged(
        written(tmp_path / "own", a__sch=NOISY), DOCUMENT.replace(b"</order>", lines + b"</order>")
    )

    assert opinion.fatal
    assert len(opinion.findings) == MOST_TOLD
    assert found(opinion)[-1] == ("END", "fatal")


def test_of_too_many_findings_every_number_stays_and_then_what_is_fatal() -> None:
    many = [
        finding("A"),
        finding("A"),
        finding("B", "fatal"),
        finding("A"),
        finding("B", "fatal"),
        finding("C"),
    ]

    assert told(many, 6) == tuple(many)
    assert told(many, 4) == (many[0], many[2], many[4], many[5])
    assert told(many, 1) == (many[2],)


async def test_a_message_of_megabytes_is_told_in_short(tmp_path: Path) -> None:
    opinion = await judged(written(tmp_path / "own", a__sch=LONG))

    assert [len(each.text) for each in opinion.findings] == [1000, 1000]


async def test_a_report_of_megabytes_is_told_in_short(tmp_path: Path) -> None:
    place = "{string-join(for $n in 1 to 300000 return 'abcdefghij')}"
    report = (
        f'<svrl:failed-assert id="{place}" location="{place}"><svrl:text>x</svrl:text></svrl:failed-assert>'
    )
    opinion = await judged(written(tmp_path / "own", a__xsl=sheet(report)))

    assert [(len(each.rule), len(each.location)) for each in opinion.findings] == [(1000, 1000)]


class TestFilesThatChangeUnderARunningJudge:
    @pytest.fixture
    async def own(self, tmp_path: Path) -> Artefacts:
        folder = written(tmp_path / "own", a__sch=OPENING, codes__xml="<codes>A-1</codes>")
        return await brought(Shelf(tmp_path / "shelf"), folder)

    @pytest.fixture
    async def court(self, tmp_path: Path) -> AsyncIterator[Court]:
        opened = Court(tmp_path / "shelf")
        yield opened
        await opened.close()

    async def test_a_list_that_was_changed_is_not_judged_by(
        self, tmp_path: Path, own: Artefacts, court: Court
    ) -> None:
        assert found(await court.opinion(own, DOCUMENT)) == []
        codes = Shelf(tmp_path / "shelf").home(own) / "own/codes.xml"
        codes.chmod(0o644)
        codes.write_text("<codes>B-1</codes>")

        with pytest.raises(Unusable, match=r"codes\.xml is not the file that was brought"):
            await court.opinion(own, DOCUMENT)

        codes.write_text("<codes>A-1</codes>")
        assert found(await court.opinion(own, DOCUMENT)) == []

    async def test_files_that_are_gone_refuse_nothing(
        self, tmp_path: Path, own: Artefacts, court: Court
    ) -> None:
        assert found(await court.opinion(own, DOCUMENT)) == []
        Shelf(tmp_path / "shelf").remove("own")

        with pytest.raises(Unusable, match="is missing"):
            await court.opinion(own, DOCUMENT)

        await brought(Shelf(tmp_path / "shelf"), tmp_path / "own")
        assert found(await court.opinion(own, DOCUMENT)) == []
