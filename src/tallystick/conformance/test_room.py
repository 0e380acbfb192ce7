"""Room: a strategy stays in its room, and fits into it."""

from pathlib import Path

from tallystick.conformance.source import files_of, findings
from tallystick.strategies import Registry
from tallystick.strategy import Strategy


def test_it_stays_in_its_room(strategy: Strategy, registry: Registry) -> None:
    home = registry.home(strategy.name)
    files = files_of(home)
    root = Path(str(home.__file__)).parent if hasattr(home, "__path__") else None

    assert files
    assert [found for path in files for found in findings(path, root)] == []
