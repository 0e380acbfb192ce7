"""Schematron is judged as its publishers judge: each test is one habit of theirs that decides agreement."""

import time
from pathlib import Path

import pytest

from tallystick.official import Unusable
from tallystick.official.expanding import expanded
from unit.official.publisher import found, judged, rules, sheet, standing, written


async def test_an_assert_is_told_when_it_fails_and_a_report_when_it_holds(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__sch=rules(
            '<pattern><rule context="o:order">'
            '<assert id="A-1" flag="fatal" test="o:id = \'B-1\'">no B</assert>'
            '<assert id="A-2" flag="fatal" test="o:id">never told</assert>'
            '<report id="R-1" flag="warning" test="count(o:line) > 1">many</report>'
            "</rule></pattern>"
        ),
    )

    assert found(await judged(folder)) == [("A-1", "fatal"), ("R-1", "warning")]


async def test_only_the_first_rule_of_a_pattern_that_matches_looks_at_an_element(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__sch=rules(
            '<pattern><rule context="o:line[@no = 1]"><assert id="FIRST" test="false()"/></rule>'
            '<rule context="o:line"><assert id="SECOND" test="false()"/></rule></pattern>'
            '<pattern><rule context="o:line"><assert id="OTHER" test="false()"/></rule></pattern>'
        ),
    )

    assert [rule for rule, _ in found(await judged(folder))] == ["FIRST", "SECOND", "OTHER", "OTHER"]


async def test_attributes_are_not_visited(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__sch=rules(
            '<pattern><rule context="@no"><assert id="NEVER" test="false()"/></rule>'
            '<rule context="/"><assert id="ROOT" test="false()"/></rule></pattern>'
        ),
    )

    assert found(await judged(folder)) == [("ROOT", "fatal")]


async def test_abstract_patterns_and_rules_are_written_out(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__sch=rules(
            '<pattern abstract="true" id="model"><rule context="$who">'
            '<extends rule="shared"/><assert id="P-1" test="$what">P</assert></rule>'
            '<rule abstract="true" id="shared"><assert test="false()">unnumbered</assert></rule></pattern>'
            '<pattern is-a="model" id="mine">'
            '<param name="who" value="o:order"/><param name="what" value="o:whatever"/></pattern>'
        ),
    )

    assert found(await judged(folder)) == [("shared", "fatal"), ("P-1", "fatal")]


async def test_variables_functions_and_keys_are_the_schemas_own(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__sch=rules(
            '<xsl:function name="u:twice"><xsl:param name="n"/>'
            '<xsl:sequence select="2 * number($n)"/></xsl:function>'
            '<xsl:key name="lines" match="o:line" use="@no"/>'
            '<let name="all" value="sum(//o:line)"/><pattern><let name="half" value="$all div 2"/>'
            '<rule context="o:line"><let name="own" value="."/>'
            '<assert id="V-1" test="u:twice($own) = $all - 1">'
            '<name/>: <value-of select="$own"/> of <value-of select="$all"/>, '
            "<emph>not</emph> {half}</assert>"
            "<assert id=\"V-2\" test=\"key('lines', '2') = 4 and $half = 3.5\"/></rule></pattern>",
            ' xmlns:u="urn:own:functions"',
        ),
    )

    opinion = await judged(folder)

    assert found(opinion) == [("V-1", "fatal")]
    assert opinion.findings[0].text == "line: 4 of 7, not {half}"
    assert opinion.findings[0].location.endswith("line[2]")


async def test_a_phase_runs_its_patterns_alone(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__sch=rules(
            '<phase id="few"><active pattern="one"/></phase><phase id="none"/>'
            '<pattern id="one"><rule context="o:order"><assert id="ONE" test="false()"/></rule></pattern>'
            '<pattern id="two"><rule context="o:order"><assert id="TWO" test="false()"/></rule></pattern>',
            ' defaultPhase="few"',
        ),
    )

    assert found(await judged(folder)) == [("ONE", "fatal")]
    assert found(await judged(folder, phase="none")) == []
    assert [rule for rule, _ in found(await judged(folder, phase="#ALL"))] == ["ONE", "TWO"]


async def test_parts_come_from_files_beside(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__sch=rules('<include href="parts/b.sch"/><include href="parts/c.sch#wanted"/>'),
        parts_in_b__sch='<pattern xmlns="http://purl.oclc.org/dsdl/schematron">'
        '<rule context="o:order"><assert id="B" test="false()"/></rule></pattern>',
        parts_in_c__sch=rules(
            '<pattern id="unwanted"><rule context="o:order"><assert id="U" test="false()"/></rule></pattern>'
            '<pattern id="wanted"><rule context="o:order"><assert id="W" test="false()"/></rule></pattern>'
        ),
    )

    assert [rule for rule, _ in found(await judged(folder))] == ["B", "W"]


async def test_a_rule_that_cannot_be_computed_is_told_and_the_others_still_judge(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__sch=rules(
            '<pattern><rule context="o:order">'
            '<assert id="BAD" flag="warning" test="xs:decimal(o:id) > 0"/>'
            '<assert id="GOOD" flag="warning" test="false()"/></rule></pattern>'
        ),
    )

    opinion = await judged(folder)

    assert found(opinion) == [("BAD", "fatal"), ("GOOD", "warning")]
    assert opinion.errors == 1


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ('flag="fatal"', "fatal"),
        ('flag="warning"', "warning"),
        ('role="warn"', "warning"),
        ('role="error"', "fatal"),
        ('flag="information"', "information"),
        ('role="hint"', "information"),
        ("", "fatal"),
    ],
)
async def test_flag_or_role_gives_the_severity(tmp_path: Path, given: str, level: str) -> None:
    text = f'<pattern><rule context="o:order"><assert id="X" {given} test="false()"/></rule></pattern>'

    assert found(await judged(written(tmp_path / "own", a__sch=rules(text)))) == [("X", level)]


async def test_a_publishers_configuration_gives_other_severities(tmp_path: Path) -> None:
    text = '<pattern><rule context="o:order"><assert id="X" flag="fatal" test="false()"/></rule></pattern>'
    folder = written(tmp_path / "own", a__sch=rules(text))

    assert found(await judged(folder, levels={"X": "warning"})) == [("X", "warning")]
    with pytest.raises(Unusable, match="no rule is numbered Y"):
        await judged(folder, levels={"Y": "warning"})


async def test_a_number_that_is_ignored_counts_for_nothing(tmp_path: Path) -> None:
    both = '<assert id="X" test="false()"/><assert id="Y" test="false()"/>'
    text = f'<pattern><rule context="o:order">{both}</rule></pattern>'
    folder = written(tmp_path / "own", a__sch=rules(text))

    assert found(await judged(folder, ignored=["X"])) == [("Y", "fatal")]
    assert standing().shelf.named("own").rules == ("Y",)


async def test_a_ready_made_stylesheet_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "own",
        a__xslt=sheet(
            '<svrl:failed-assert flag="fatal" location="/o"><xsl:attribute name="id">S-1</xsl:attribute>'
            "<svrl:text>one</svrl:text></svrl:failed-assert>"
            '<svrl:successful-report role="warning"><svrl:text>[S-2] two</svrl:text></svrl:successful-report>'
        ),
        a__sch=rules('<pattern><rule context="o:order"><assert id="NO" test="false()"/></rule></pattern>'),
    )

    assert found(await judged(folder)) == [("S-1", "fatal"), ("S-2", "warning")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (rules('<pattern><rule context="o:order["><assert id="X" test="1"/></rule></pattern>'), "compile"),
        (rules('<pattern is-a="nobody"/>'), "no abstract pattern nobody"),
        (rules('<pattern><rule context="o:order"><extends rule="x"/></rule></pattern>'), "extends x"),
        (rules("", ' defaultPhase="nowhere"'), "no phase nowhere"),
        ("<schema", "cannot be read"),
    ],
)
async def test_what_cannot_be_used_is_refused_and_leaves_nothing(tmp_path: Path, text: str, why: str) -> None:
    before = standing().shelf.all()
    with pytest.raises(Unusable, match=why):
        await judged(written(tmp_path / "own", a__sch=text))

    assert standing().shelf.all() == before
    kept = {each.digest for each in before}
    assert {path.name for path in (standing().shelf.directory / "files").iterdir()} == kept


async def test_rules_that_extend_others_without_end_are_refused(tmp_path: Path) -> None:
    """Each of thirty extends the next one twice: a thousand million rules, if they were written out."""
    twice = '<rule abstract="true" id="r{n}"><extends rule="r{m}"/><extends rule="r{m}"/></rule>'
    many = "".join(twice.format(n=n, m=n + 1) for n in range(30))
    last = '<rule abstract="true" id="r30"><assert test="true()"/></rule>'
    first = '<rule context="o:order"><extends rule="r0"/></rule>'
    text = rules(f"<pattern>{first}{many}{last}</pattern>")

    with pytest.raises(Unusable, match="extend others more than"):
        await judged(written(tmp_path / "own", a__sch=text))


async def test_patterns_that_fill_the_memory_written_out_are_refused(tmp_path: Path) -> None:
    tests = '<assert test="true()"/>' * 2000
    model = f'<pattern abstract="true" id="m"><rule context="o:order">{tests}</rule></pattern>'
    text = rules(model + '<pattern is-a="m"/>' * 2000)

    with pytest.raises(Unusable, match="more than 200000 elements"):
        await judged(written(tmp_path / "own", a__sch=text))


@pytest.mark.parametrize("opener", ["doc", "unparsed-text"])
async def test_rules_reach_no_network(tmp_path: Path, opener: str) -> None:
    test = f"{opener}(concat('http', '://127.0.0.1:9/x')) = 'anything'"
    text = rules(f'<pattern><rule context="o:order"><report id="OUT" test="{test}"/></rule></pattern>')

    opinion = await judged(written(tmp_path / "own", a__sch=text))

    assert opinion.errors == 1
    assert "prohibited" in opinion.findings[0].text


async def test_rules_read_no_environment(tmp_path: Path) -> None:
    test = "environment-variable('PATH')"
    text = rules(f'<pattern><rule context="o:order"><report id="OUT" test="{test}"/></rule></pattern>')

    assert found(await judged(written(tmp_path / "own", a__sch=text))) == []


async def test_a_stylesheet_writes_no_file(tmp_path: Path) -> None:
    target = tmp_path / "written.xml"
    text = sheet(f'<xsl:result-document href="{target.as_uri()}"><x/></xsl:result-document>')

    with pytest.raises(Unusable, match="result-document"):
        await judged(written(tmp_path / "own", a__xslt=text))

    assert not target.exists()


def test_parts_that_include_others_many_times_over_are_refused_soon(tmp_path: Path) -> None:
    """Nine files of nine includes each stand for 9^9 parts."""
    part = '<pattern xmlns="http://purl.oclc.org/dsdl/schematron">{}</pattern>'
    files = {f"i{n}__sch": part.format(f'<include href="i{n + 1}.sch"/>' * 9) for n in range(9)}
    folder = written(tmp_path, a__sch=rules('<include href="i0.sch"/>'), i9__sch=part.format(""), **files)
    began = time.perf_counter()

    with pytest.raises(Unusable, match="includes more than 2000 parts"):
        expanded(folder / "a.sch", folder)

    assert time.perf_counter() - began < 10
