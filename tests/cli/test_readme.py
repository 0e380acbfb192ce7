"""The README does what it says: its commands are run as they stand, its answers are compared."""

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.running import run
from cli.terminal import Terminal
from tallystick import cli
from tallystick.keys import Ed25519Signer, Secret
from tallystick.strategies import load
from tallystick.webhooks.signing import headers_for

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = sorted(path for path in (ROOT / "docs").glob("*.md") if path.name != "changelog.md")
FENCE = re.compile(r"^```([a-z]+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DEV_ALONE = "./dev demo"


def blocks(text: str, language: str, mark: str = "") -> list[str]:
    return [body for kind, said, body in FENCE.findall(text) if (kind, said) == (language, mark)]


@pytest.fixture
def terminal(
    tmp_path: Path, database_url: str, app_database_url: str, worker_database_url: str, redis_url: str
) -> Terminal:
    environment = {
        "DATABASE_URL": database_url,
        "TALLYSTICK_APP_DATABASE_URL": app_database_url,
        "TALLYSTICK_WORKER_DATABASE_URL": worker_database_url,
        "REDIS_URL": redis_url,
        "TALLYSTICK_KEY_DIRECTORY": str(tmp_path / "keys"),
    }
    return Terminal(tmp_path, environment)


def says(shown: Any, found: Any) -> bool:
    """Whether everything that is shown is so; `…` stands for what is left out, ids are other ones."""
    if isinstance(shown, dict):
        return isinstance(found, dict) and all(
            key in ("id", "…") or says(value, found.get(key)) for key, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(found, list) and len(shown) == len(found) and all(map(says, shown, found))
    return bool(shown == found)


def objects_in(printed: str) -> Iterator[Any]:
    """The JSON objects in what was printed, wherever they begin and whatever follows them."""
    at = 0
    while (at := printed.find("{", at)) >= 0:
        try:
            found, at = json.JSONDecoder().raw_decode(printed, at)
            yield found
        except ValueError:
            at += 1


@pytest.mark.slow
def test_the_readme_can_be_followed_from_top_to_bottom(terminal: Terminal) -> None:
    commands = [block for block in blocks(README, "sh") if DEV_ALONE not in block]
    with ExitStack() as terminals:
        for command in blocks(README, "sh", "terminal"):
            terminals.enter_context(terminal.background(command))
        terminal.await_readiness()
        printed = terminal.run("\n".join(commands))
    answers = list(objects_in(printed))
    for shown in (*blocks(README, "json"), *blocks(README, "json", "refusal")):
        assert any(says(json.loads(shown), answer) for answer in answers), (shown, answers)
    for line in blocks(README, "text")[0].splitlines():
        assert line in printed
    assert (terminal.folder / "receipt.zip").is_file()


def commands_of(text: str) -> set[tuple[str, ...]]:
    """Every `tallystick …` or `./dev run …` that a page writes: its words up to a pipe or a redirection."""
    lines = re.sub(r"\\\n\s*", " ", text)
    found = re.findall(
        r"(?:\./dev run|^    tallystick|`tallystick|\$\(tallystick) ([^\n|`#)>]*)", lines, re.MULTILINE
    )
    return {tuple(words.split()) for words in found if words.split()}


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *GUIDES, ROOT / "fixtures/README.md"], ids=lambda p: p.name
)
def test_every_command_and_option_that_a_page_writes_exists(page: Path) -> None:
    for words in commands_of(page.read_text(encoding="utf-8")):
        names = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
        help_ = run(*names, "--help") if run(*names, "--help").status == 0 else run(names[0], "--help")
        assert help_.status == 0, words
        for option in (word.partition("=")[0] for word in words if re.fullmatch(r"-{1,2}[a-z][a-z-]*", word)):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", help_.out), (words, option)


def test_every_command_has_its_help_and_stands_in_the_list() -> None:
    listed = run("--help").out
    for command in cli.app.registered_commands:
        name = command.callback.__name__ if command.callback else ""
        assert re.search(rf"^  {name} +\w", listed, re.MULTILINE), name
        assert run(name, "--help").status == 0


def test_every_environment_variable_that_a_page_names_is_a_setting() -> None:
    known = set(re.findall(r"^#(\w+)=", run("config", "example").out, re.MULTILINE))
    for page in (ROOT / "README.md", *GUIDES, ROOT / "docs/countries/peppol.md"):
        named = set(re.findall(r"\b(?:TALLYSTICK_[A-Z_]+[A-Z]|DATABASE_URL|REDIS_URL)\b", page.read_text()))
        assert named <= known, page.name


def test_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *GUIDES, ROOT / "docs/countries/peppol.md"):
        targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
        assert [target for target in targets if not (page.parent / target).exists()] == [], page.name


def test_the_country_page_tells_whom_the_strategy_serves() -> None:
    page = (ROOT / "docs/countries/peppol.md").read_text()
    served = load().by_name("peppol").countries
    listed = next(line for line in page.splitlines() if re.fullmatch(r"(?:[A-Z]{2} ?)+", line))
    assert set(listed.split()) == served
    assert f"{len(served)} countries" in page
    assert f"{len(served)} countries" in README


def test_the_country_page_counts_the_rules() -> None:
    from tallystick.rules.listing import read_table, shelved

    rules = read_table(shelved("peppol")).rules.values()
    words = " ".join((ROOT / "docs/countries/peppol.md").read_text().split())
    assert f"The {len(rules)} rules listed" in words
    assert f"{sum(bool(rule.impossible) for rule in rules)} of them cannot be broken" in words


def test_the_webhook_example_knows_our_signature_from_another() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    scope: dict[str, Any] = {}
    exec(blocks((ROOT / "docs/webhooks.md").read_text(), "python")[0], scope)
    secret, body = "whsec_" + "A" * 43 + "=", b'{"type":"authority.accepted"}'
    signer = Ed25519Signer(Ed25519PrivateKey.generate())
    headers = headers_for("id", int(time.time()), body, [Secret(secret)], signer)
    assert scope["is_genuine"](secret, headers, body)
    assert not scope["is_genuine"](secret, headers, body + b" ")
    assert not scope["is_genuine"]("whsec_" + "B" * 43 + "=", headers, body)
    assert not scope["is_genuine"](secret, {**headers, "webhook-timestamp": "1"}, body)


def test_the_example_strategy_is_one(tmp_path: Path) -> None:
    from tallystick.conformance import built, judge
    from tallystick.strategies import Registry

    name = "zz_somewhere"
    page = (ROOT / "docs/adding-a-country.md").read_text()
    import types

    module = types.ModuleType(name)
    exec(blocks(page, "python")[0], module.__dict__)
    registry = Registry([*((one, registry_home(one)) for one in load().all), (module.strategy, module)])
    choice = registry.dispatch("ZZ")
    assert getattr(choice, "reason", "") == "country ZZ"
    judged = judge(module.strategy, (ROOT / "fixtures/default/standard/invoice.json").read_bytes())
    assert judged.good
    document = built(module.strategy, judged)
    assert judged.enrolment is not None
    for verb, status, verdict in (
        ("submit", 200, "accepted"),
        ("submit", 500, "unknown"),
        ("inquire", 404, "absent"),
    ):
        talk = getattr(module.strategy, verb)(document, judged.enrolment)
        next(talk)
        with pytest.raises(StopIteration) as ended:
            talk.send(httpx.Response(status))
        assert ended.value.value.verdict == verdict


def registry_home(strategy: Any) -> Any:
    return sys.modules[type(strategy).__module__]
