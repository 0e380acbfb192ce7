"""One installation for all tests here, and a seller of its own for each."""

from collections.abc import Iterator

import httpx
import pytest

from prove.field import Field
from registering.installation import Background, Seller, installed


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Field, Background]]:
    """PostgreSQL, Valkey, the API, two workers and the portals, each a process."""
    with installed(tmp_path_factory.mktemp("registering")) as running:
        yield running


@pytest.fixture
def stranger(installation: tuple[Field, Background]) -> Iterator[Seller]:
    """A seller who is registered nowhere."""
    here, behind = installation
    with httpx.Client(
        base_url=f"http://127.0.0.1:{here.settings.port}",
        headers={"Authorization": f"Bearer {here.api_key}"},
        timeout=30,
        trust_env=False,
    ) as http:
        yield Seller.new(here, behind, http)
        with httpx.Client(timeout=10, trust_env=False) as admin:
            admin.delete(f"{here.sandbox_url}/admin/faults").raise_for_status()
            admin.post(f"{here.sandbox_url}/admin/irp/clock", json={"offset": 0}).raise_for_status()


@pytest.fixture
def seller(stranger: Seller) -> Seller:
    """A seller with a registration at the portal NIC1."""
    stranger.enrol()
    return stranger
