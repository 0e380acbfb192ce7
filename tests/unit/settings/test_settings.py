"""Settings: every problem at once, secrets never shown, production strict."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tallystick import settings
from tallystick.settings import Settings, SettingsError

ROOT = Path(__file__).parents[3]


def problems_of(**environment: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        settings.load(environment)
    return caught.value.problems


def test_an_empty_environment_is_a_trial_on_this_machine() -> None:
    found = settings.load({})
    assert (found.environment, found.host, found.database_url) == ("development", "127.0.0.1", None)
    assert found.public_url == "http://127.0.0.1:8080"


def test_every_kind_of_value_is_read() -> None:
    found = settings.load(
        {
            "DATABASE_URL": "postgresql://db/x",
            "TALLYSTICK_PORT": "9000",
            "TALLYSTICK_DELAY_SCALE": "0.01",
            "TALLYSTICK_LEASE_SECONDS": "90",
            "TALLYSTICK_KEY_DIRECTORY": "/keys",
            "TALLYSTICK_ACCESS_POINT_HOSTS": "ap.example, 127.0.0.1:8400,[::1]:80",
            "TALLYSTICK_WEBHOOK_PORTS": "443,8443",
            "TALLYSTICK_WEBHOOK_ALLOW_PRIVATE": "yes",
        }
    )
    assert (found.database_url, found.port, found.delay_scale) == ("postgresql://db/x", 9000, Decimal("0.01"))
    assert (found.lease_seconds, found.key_directory) == (90.0, Path("/keys"))
    assert found.access_point_hosts == ("ap.example", "127.0.0.1:8400", "[::1]:80")
    assert (found.webhook_ports, found.webhook_allow_private) == ((443, 8443), True)
    assert found.public_url == "http://127.0.0.1:9000"
    assert found.scaled(10) == pytest.approx(0.1)


def test_an_empty_variable_counts_as_not_given() -> None:
    assert settings.load({"TALLYSTICK_PORT": "", "DATABASE_URL": ""}) == settings.load({})


def test_all_problems_are_told_at_once() -> None:
    problems = problems_of(
        TALLYSTICK_PORT="99999",
        TALLYSTICK_DELAY_SCALE="NaN",
        TALLYSTICK_WEBHOOK_PORTS="1,x",
        TALLYSTICK_DATABSE_POOL_SIZE="3",
        DATABASE_URL="mysql://db",
        TALLYSTICK_ACCESS_POINT_HOSTS="http://ap.example",
        TALLYSTICK_HTTP_TIMEOUT_SECONDS="59",
    )
    assert [problem.partition(":")[0] for problem in problems] == [
        "TALLYSTICK_DATABSE_POOL_SIZE",
        "TALLYSTICK_PORT",
        "TALLYSTICK_WEBHOOK_PORTS",
        "DATABASE_URL",
        "TALLYSTICK_DELAY_SCALE",
        "TALLYSTICK_LEASE_SECONDS",
        "TALLYSTICK_ACCESS_POINT_HOSTS",
    ]
    assert "did you mean TALLYSTICK_DATABASE_POOL_SIZE?" in problems[0]


@pytest.mark.parametrize("scale", ["0", "-1", "101", "Infinity", "fast"])
def test_a_scale_that_stops_or_reverses_time_is_refused(scale: str) -> None:
    assert len(problems_of(TALLYSTICK_DELAY_SCALE=scale)) == 1


def test_production_wants_its_own_servers_and_keys_and_no_trial_doors(tmp_path: Path) -> None:
    problems = problems_of(
        TALLYSTICK_ENVIRONMENT="production",
        TALLYSTICK_WEBHOOK_ALLOW_PRIVATE="true",
        TALLYSTICK_CRASHPOINT="t2.after_commit",
        TALLYSTICK_KEY_DIRECTORY=str(tmp_path / "missing"),
    )
    assert len(problems) == 5
    fit = {
        "TALLYSTICK_ENVIRONMENT": "production",
        "DATABASE_URL": "postgresql://db/x",
        "REDIS_URL": "redis://queue",
        "TALLYSTICK_KEY_DIRECTORY": str(tmp_path),
    }
    assert settings.load(fit).environment == "production"


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:geheim@db/x\n")
    found = settings.load({"DATABASE_URL_FILE": str(tmp_path / "url")})
    assert found.database_url == "postgresql://u:geheim@db/x"
    assert found.sources["database_url"] == f"file {tmp_path / 'url'}"


def test_a_secret_given_twice_and_an_unreadable_file_are_problems(tmp_path: Path) -> None:
    twice = problems_of(DATABASE_URL="postgresql://db", DATABASE_URL_FILE=str(tmp_path / "url"))
    assert "given twice" in twice[0]
    assert "No such file" in problems_of(REDIS_URL_FILE=str(tmp_path / "missing"))[0]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:geheim@db:5432/x",
        "postgresql://db/x?user=u&password=geheim",
        "redis://:geheim@queue/0",
        "geheim",
        "mysql://u:geheim@db",
    ],
)
def test_no_secret_is_ever_shown(address: str) -> None:
    name = "redis_url" if address.startswith("redis") else "database_url"
    found = Settings(**{name: address})  # type: ignore[arg-type]
    assert "geheim" not in repr(found)
    assert not any("geheim" in line.value for line in found.describe())


def test_a_refused_secret_is_not_repeated() -> None:
    assert "geheim" not in problems_of(DATABASE_URL="mysql://u:geheim@db")[0]


def test_the_shown_address_still_tells_where_it_leads() -> None:
    shown = {line.name: line.value for line in Settings(database_url="postgresql://u:p@db:1/x").describe()}
    assert shown["DATABASE_URL"] == "postgresql://u:***@db:1/x"
    embedded = Settings(database_url="postgresql://u@/x?host=/tmp/t")
    assert {line.name: line.value for line in embedded.describe()}["DATABASE_URL"].endswith("?host=/tmp/t")


def test_embedded_addresses_fill_gaps_and_never_override() -> None:
    given = settings.load({"DATABASE_URL": "postgresql://mine/x"})
    found = given.with_addresses("postgresql://embedded/x", "unix:///q.sock")
    assert (found.database_url, found.redis_url) == ("postgresql://mine/x", "unix:///q.sock")
    assert (found.sources["database_url"], found.sources["redis_url"]) == ("environment", "embedded")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_is() -> None:
    assert all(line.text for line in Settings().describe())
    assert len(list(Settings().describe())) == len(msgspec.structs.fields(Settings)) - 1


def test_the_example_file_is_the_generated_one() -> None:
    hint = "write it anew: ./dev run config example > .env.example"
    assert (ROOT / ".env.example").read_text() == settings.example(), hint
