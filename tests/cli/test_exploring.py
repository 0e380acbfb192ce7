"""`regimes`, `rules`: what the strategies know, without a database and without a network."""

import json
import subprocess
import sys

import pytest

from cli.running import run

SERVERS = {"sqlalchemy", "asyncpg", "alembic", "litestar", "uvicorn", "arq", "redis"}


def test_the_regimes_are_listed_with_their_rules() -> None:
    said = run("regimes")
    rows = {line.split()[0]: line for line in said.out.splitlines()}

    assert said.status == 0
    assert {"Regime", "default", "peppol", "sa_zatca"} <= set(rows)
    assert " SA " in rows["sa_zatca"] and " countries " in rows["peppol"]
    told = [json.loads(line) for line in run("regimes", "--json").out.splitlines()]
    assert [one["id"] for one in told] == sorted(set(rows) - {"Regime"})


def test_rules_are_listed_by_term_severity_set_and_text() -> None:
    def found(*more: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in run("rules", "sa_zatca", "--json", *more).out.splitlines()]

    every = found()
    assert len(every) > 200
    for option, value, member in (("--term", "BT-31", "term"), ("--severity", "warning", "severity")):
        some = found(option, value)
        assert some == [rule for rule in every if rule[member] == value] != []
    texts = {rule["id"]: f"{rule['id']} {rule['text']} {rule['hint']}".casefold() for rule in every}
    assert [rule["id"] for rule in found("--set", "sa", "-q", "CERTIFICATE")] == [
        rule["id"] for rule in every if rule["set"] == "sa" and "certificate" in texts[rule["id"]]
    ]
    assert found("--not-native") == [rule for rule in every if not rule["native"]]


def test_one_rule_is_told_with_all_that_is_known_of_it() -> None:
    said = run("rules", "sa_zatca", "sa/uuid")

    assert said.status == 0
    assert said.out.startswith("sa/uuid (error)\n")
    assert "right:" in said.out and "source:" in said.out
    never = run("rules", "sa_zatca", "BR-53")
    assert "checked:  cannot be broken\nbecause:" in never.out


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("rules", "nowhere"), 2, "there is no regime nowhere; there are "),
        (("rules", "sa_zatca", "BR-NOBODY"), 1, "sa_zatca has no rule BR-NOBODY"),
        (("rules", "sa_zatca", "--severity", "fatal"), 2, "--severity is error, warning or info"),
    ],
)
def test_what_is_not_there_is_said_with_a_status(words: tuple[str, ...], status: int, told: str) -> None:
    said = run(*words)

    assert (said.status, said.out) == (status, "")
    assert told in said.err


def test_no_server_is_loaded_to_explore() -> None:
    code = (
        "import sys; from tallystick import cli\n"
        "try: cli.main(['rules', 'peppol', '--term', 'BT-31'])\n"
        f"finally: print(sorted({SERVERS!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert done.stdout.startswith("Number")
    assert done.stderr.strip() == "[]"
