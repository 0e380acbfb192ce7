"""The kit itself: a third party's sound strategy passes it, and each promise that is broken is named."""

import json
import sys
from pathlib import Path

import pytest

from conformance.broken import BROKEN
from conformance.plugins import INVOICE, Shelf
from tallystick import schemas
from tallystick.strategies import load


@pytest.fixture(scope="module")
def free_countries() -> list[str]:
    """Real countries that nobody claims."""
    claimed = {country for strategy in load().all for country in strategy.countries}
    return sorted(set(schemas.path("codelists/iso-3166.txt").read_text().split()) - claimed - {"FJ"})


@pytest.fixture(scope="module")
def judge_command(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An official validator that knows one thing: documents have a counter."""
    script = tmp_path_factory.mktemp("judge") / "judge.py"
    script.write_text(
        "import json, sys\nsys.exit(any('counter' not in json.load(open(f)) for f in sys.argv[1:]))\n"
    )
    return f"{sys.executable} {script}"


def test_a_sound_plugin_passes_the_whole_kit(tmp_path: Path, judge_command: str) -> None:
    shelf = Shelf(tmp_path)
    shelf.install("clearing", "FJ")
    shelf.add_cases("clearing")
    judge = f"clearing={judge_command}"

    updated, _, said = shelf.run(
        "--strategy", "clearing", "--update", "-k", "golden or recorded_talk or recorded_acts"
    )
    assert updated == 0, said
    code, results, said = shelf.run("--strategy", "clearing", "--judge", judge)

    assert code == 0, said
    assert set(results.values()) == {"passed"}
    assert {test for test, _ in results} >= {test for test, _ in BROKEN.values()}
    assert (shelf.cases / "clearing/standard/wire.json").is_file()
    assert "open sesame" not in (shelf.cases / "clearing/standard/talk.json").read_text()


def test_every_broken_promise_is_named(tmp_path: Path, free_countries: list[str], judge_command: str) -> None:
    """Golden files are written from sound plug-ins; then each is broken, and must fail just there."""
    shelf = Shelf(tmp_path)
    names = {f"bad{name}": promise for name, promise in BROKEN.items()}
    for name, country in zip(names, free_countries, strict=False):
        shelf.install(name, country)
        shelf.add_cases(name)
    only = [option for name in names for option in ("--strategy", name)]
    code, _, said = shelf.run(
        *only, "--update", "-k", "golden or recorded_talk_replays or recorded_acts_replay"
    )
    assert code == 0, said

    _prepare(shelf)
    for (name, (_, changes)), country in zip(names.items(), free_countries, strict=False):
        shelf.install(name, country, changes)
    # One strategy is not called what its module is called: its tests run under the name it gives itself.
    (shelf.cases / "badmisnamed").rename(shelf.cases / "badothername")
    wanted = {("badothername" if n == "badmisnamed" else n): test for n, (test, _) in names.items()}
    expression = " or ".join(f"({name} and {test})" for name, test in wanted.items())
    only = [option for name in wanted for option in ("--strategy", name)]
    _, results, said = shelf.run(*only, "--judge", judge_command, "-k", expression)

    for name, test in wanted.items():
        found = {result for (ran, at), result in results.items() if ran == test and name in at}
        assert found & {"failure", "error"}, f"{name} passes {test}: {found}\n{said[-3000:]}"


def _prepare(shelf: Shelf) -> None:
    """What breaks by its files rather than by its code: a case it must refuse and does not."""
    folder = shelf.cases / "badlenient" / "refused_currency"
    folder.mkdir()
    invoice = {**INVOICE, "currency_code": "EUR", "regime_data": {"badlenient": {"till": "7"}}}
    (folder / "invoice.json").write_text(json.dumps(invoice))
    (folder / "faults.json").write_text("[]")


def test_a_plugin_without_a_case_fails_and_says_so(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.install("clearing", "FJ")
    shelf.cases.mkdir()

    code, results, said = shelf.run("--strategy", "clearing", "-k", "test_identity")

    assert code == 1
    assert results["test_it_has_a_case", "clearing"] == "failure"
    assert "clearing has no case: put one at" in said


def test_an_outcome_that_changes_when_sent_again_is_named(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.install("clearing", "FJ", [('"duplicate": Verdict.CLEARED', '"duplicate": Verdict.CONFLICT')])
    shelf.add_cases("clearing")

    shelf.run("--strategy", "clearing", "--update", "-k", "recorded_talk")
    code, results, _ = shelf.run("--strategy", "clearing", "-k", "recorded_talk or sent_again")

    assert code == 1
    assert results["test_recorded_talk_replays", "clearing-standard"] == "passed"
    assert results["test_what_is_sent_again_comes_to_the_same", "clearing"] == "failure"


def test_two_plugins_for_one_country_stop_the_kit(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.install("clearing", "FJ")
    shelf.install("clearing_too", "FJ")

    code, _, said = shelf.run()

    assert code not in (0, 1)
    assert "country FJ is claimed twice: by clearing (clearing) and by clearing_too (clearing_too)" in said


def test_an_unknown_strategy_is_wrong_usage(tmp_path: Path) -> None:
    code, _, said = Shelf(tmp_path).run("--strategy", "nobody")

    assert code not in (0, 1)
    assert "no strategy is called nobody" in said
