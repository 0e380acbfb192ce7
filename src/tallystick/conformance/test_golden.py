"""Golden, Formal, Arithmetic: the document is the one beside the input, is valid, and says the same sums."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tallystick.conformance.cases import Case, cases_of, suffix_of
from tallystick.conformance.judging import built, errors, judge_case
from tallystick.conformance.wire import problems
from tallystick.strategy import Strategy

pytestmark = pytest.mark.usefixtures("no_socket")


def test_the_faults_are_golden(strategy: Strategy, case: Case, cases: Path, update: bool) -> None:
    judged = judge_case(strategy, case, cases)
    blocking = judged.faults if not judged.good else ()

    assert case.golden_faults(blocking).problem(update=update) == ""


def test_the_warnings_are_golden(strategy: Strategy, case: Case, cases: Path, update: bool) -> None:
    judged = judge_case(strategy, case, cases)
    warnings = judged.faults if judged.good else ()

    assert case.golden_json("warnings.json", warnings).problem(update=update) == ""


def test_the_document_is_golden(strategy: Strategy, case: Case, cases: Path, update: bool) -> None:
    judged = judge_case(strategy, case, cases)
    document = built(strategy, judged) if judged.good else None

    found = [golden.problem(update=update) for golden in case.golden_document(document)]

    assert [problem for problem in found if problem] == []


def test_the_document_says_what_the_invoice_says(strategy: Strategy, case: Case, cases: Path) -> None:
    judged = judge_case(strategy, case, cases)
    if judged.invoice is None or errors(judged.faults):
        return

    assert list(problems(strategy, judged.invoice, built(strategy, judged))) == []


def test_the_official_judge_accepts_it(
    strategy: Strategy, cases: Path, judges: Mapping[str, list[str]], tmp_path: Path
) -> None:
    command = judges.get(strategy.name) or judges.get("")
    if command is None:
        pytest.skip(f"no --judge was given for {strategy.name}")
    documents = list(_written(strategy, cases, tmp_path))

    verdict = subprocess.run([*command, *documents], capture_output=True, text=True, check=False)

    assert documents
    assert verdict.returncode == 0, (verdict.stdout + verdict.stderr)[-4000:]


def _written(strategy: Strategy, cases: Path, folder: Path) -> Iterator[str]:
    """The documents of all cases that are accepted, as files named after their case."""
    for case in cases_of(cases, strategy.name):
        judged = judge_case(strategy, case, cases)
        if judged.good:
            document = built(strategy, judged)
            path = folder / f"{case.name}.{suffix_of(document.media_type)}"
            path.write_bytes(document.body)
            yield str(path)
