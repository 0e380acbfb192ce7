"""The pages of countries do what they say: their commands are run as they stand, against the sandbox."""

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from cli.terminal import Terminal
from cli.test_readme import blocks, commands_of
from unit.sandbox.fatoora.egs import Unit, Wish

PAGES = Path(__file__).parents[2] / "docs/countries"
PAGE = (PAGES / "sa_zatca.md").read_text(encoding="utf-8")
VAT = "399999999900003"


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


def elsewhere(terminal: Terminal) -> Unit:
    """A unit of another system that has reported three documents, and in files what it hands over."""
    wish = Wish(template="TSTZATCA-Code-Signing", vat=VAT, serial="1-Other|2-1|3-till-7")
    unit = Unit(f"http://127.0.0.1:{terminal.sandbox}", "developer-portal", wish).enrol()
    for _ in range(3):
        assert unit.report().status_code == 200
    assert unit.production is not None
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    files = {
        "till.pem": unit.key.private_bytes(serialization.Encoding.PEM, form, plain).decode(),
        "token.txt": unit.production.token,
        "secret.txt": unit.production.secret,
        "last-hash.txt": unit.pih,
    }
    for name, text in files.items():
        (terminal.folder / name).write_text(text)
    return unit


def chains(terminal: Terminal) -> Any:
    """What the sandbox says of its units' chains."""
    address = f"http://127.0.0.1:{terminal.sandbox}/admin/fatoora/chains?documents=1"
    return httpx.get(address, trust_env=False).json()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_saudi_page_can_be_followed_from_top_to_bottom(terminal: Terminal) -> None:
    (take_over,) = blocks(PAGE, "sh", "takeover")
    with ExitStack() as terminals:
        for command in blocks(PAGE, "sh", "terminal"):
            terminals.enter_context(terminal.background(command))
        terminal.await_readiness()
        unit = elsewhere(terminal)
        changed = (FIXTURE / "simplified/invoice.json").read_text().replace("S-2024-0119", "S-2024-0555")
        named = json.loads(changed) | {"registration": "riyadh-2"}
        (terminal.folder / "next.json").write_text(json.dumps(named))
        more = "./dev run post next.json --wait 10\n./dev run registrations list"
        whole = [*blocks(PAGE, "sh"), take_over.replace("icv=4711", f"icv={unit.icv}"), more]
        printed = terminal.run("\n".join(whole))
        found = chains(terminal)

    for line in blocks(PAGE, "text")[0].splitlines():
        assert line in printed
    assert printed.count(": active, until") == 3, printed  # onboarded, renewed, taken over
    assert (terminal.folder / "qr.png").read_bytes().startswith(b"\x89PNG")
    assert "S-2024-0555" in printed and "(completed, reported)" in printed
    assert sorted(len(each["documents"]) for each in found if each["documents"]) == [2, 4], found
    assert all(each["whole"] for each in found), found


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_indian_page_can_be_followed_from_top_to_bottom(terminal: Terminal) -> None:
    page = (PAGES / "in_irp.md").read_text(encoding="utf-8")
    with ExitStack() as terminals:
        for command in blocks(page, "sh", "terminal"):
            terminals.enter_context(terminal.background(command))
        terminal.await_readiness()
        printed = terminal.run("\n".join(blocks(page, "sh")))
        address = f"http://127.0.0.1:{terminal.sandbox}/admin/irp/nic1/registered"
        first, second = httpx.get(address, trust_env=False).json()

    assert "test, test: Logged in." in printed
    assert printed.count(blocks(page, "text")[0].strip()) == 2, printed
    for line in blocks(page, "text", "cancelled")[0].splitlines():
        assert line in printed.partition("cancel ")[2], printed
    assert f"{first['irn']} {first['ack_no']} {first['ack_dt']}" in printed
    assert (first["status"], second["status"]) == ("ACT", "CNL")
    assert printed.count(str(first["bills"][0]["number"])) == 2, printed
    assert (terminal.folder / "qr.png").read_bytes().startswith(b"\x89PNG")


FIXTURE = Path(__file__).parents[2] / "fixtures/sa_zatca"


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_links_of_a_country_page_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_names_only_commands_that_there_are() -> None:
    from cli.running import run

    for page in sorted(PAGES.glob("*.md")):
        for words in commands_of(page.read_text(encoding="utf-8")):
            assert run(words[0], "--help").status == 0, (page.name, words)
