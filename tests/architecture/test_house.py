"""The walls of the house, held against this repository and against trees that break each of them."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from architecture import walls

Wall = Callable[[Path], Iterator[str]]

HARMLESS = {
    "src/tallystick/__init__.py": '"""Gateway."""\n',
    "src/tallystick/canonical/__init__.py": '"""Model."""\n',
    "src/tallystick/sandbox/__init__.py": '"""Plays an authority in Germany."""\n',
    "src/tallystick/settings.py": '"""Settings."""\nimport os\nHOME = os.environ["HOME"]\n',
    "strategies/xx_example.py": '"""Example. Source: https://example.org"""\n',
    "fixtures/xx_example/standard/invoice.json": "{}\n",
    "requirements.lock": "a==1 \\\n    --hash=sha256:00\n    # via tallystick (pyproject.toml)\n",
    "pyproject.toml": "[[tool.importlinter.contracts]]\ntype = 'layers'\n"
    "layers = ['tallystick.sandbox', 'tallystick.settings', 'tallystick.canonical']\n",
}
# The words are put together here, so that this file does not break what it tests.
BREACHES: dict[Wall, tuple[str, str]] = {
    walls.country_words: ("src/tallystick/settings.py", '"""Speaks to ZATCA."""\n'),
    walls.strategy_words: ("src/tallystick/settings.py", '"""Calls the Example portal."""\n'),
    walls.country_branches: (
        "src/tallystick/settings.py",
        '"""S."""\ncountry = ""\nX = country in ("SA", "IN")\n',
    ),
    walls.long_functions: ("strategies/a.py", '"""A."""\n\n\ndef f():\n' + "    x = 1\n" * 50),
    walls.long_files: ("src/tallystick/settings.py", '"""S."""\n' + "X = 1\n" * 400),
    walls.silent_modules: ("src/tallystick/canonical/money.py", "X = 1\n"),
    walls.floats_in_the_model: ("src/tallystick/canonical/money.py", '"""M."""\nHALF = 0.5\n'),
    walls.impurities: ("strategies/a.py", '"""A."""\nfrom datetime import datetime\nNOW = datetime.now()\n'),
    walls.environment_readers: ("src/tallystick/sandbox/a.py", '"""A."""\nimport os\nX = os.getenv("X")\n'),
    walls.vague_names: ("src/tallystick/canonical/utils.py", '"""U."""\n'),
    walls.unknown_rooms: ("src/tallystick/attic/__init__.py", '"""Attic."""\n'),
    walls.strategies_without_cases: ("strategies/yy_other.py", '"""Other. https://example.org"""\n'),
    walls.strategies_without_source: ("strategies/xx_example.py", '"""Example."""\n'),
    walls.strange_top_level: ("scripts/a.sh", "true\n"),
    walls.places_and_hosts: ("src/a.txt", "see /" + "work/main\n"),
    walls.the_shelf: ("schemas/a.json", '"../' + 'shared/x"\n'),
    walls.unfinished: ("src/tallystick/settings.py", '"""S."""\n# TO' + "DO: later\n"),
    walls.hosts_in_the_lock: ("requirements.lock", "a==1 --hash=sha256:00 # https:" + "//index\n"),
    walls.unhashed: ("requirements.lock", "a==1\n"),
}


def planted(root: Path, files: dict[str, str]) -> Path:
    """A small repository with these files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
    return root


@pytest.mark.parametrize("wall", walls.WALLS, ids=lambda wall: wall.__name__)
def test_the_house_keeps_its_walls(wall: Wall, root: Path) -> None:
    assert list(wall(root)) == []


@pytest.mark.parametrize("wall", walls.WALLS, ids=lambda wall: wall.__name__)
def test_a_harmless_tree_breaks_no_wall(wall: Wall, tmp_path: Path) -> None:
    assert list(wall(planted(tmp_path, HARMLESS))) == []


@pytest.mark.parametrize("wall", walls.WALLS, ids=lambda wall: wall.__name__)
def test_a_breach_is_seen(wall: Wall, tmp_path: Path) -> None:
    name, text = BREACHES[wall]
    assert len(list(wall(planted(tmp_path, {**HARMLESS, name: text})))) >= 1


@pytest.mark.parametrize("word", ["Saudi Arabia", "Germany", "IRP", "KSeF", "SdI", "VERI*FACTU"])
def test_countries_and_authorities_are_known_by_name(word: str, tmp_path: Path) -> None:
    tree = planted(tmp_path, {**HARMLESS, "src/tallystick/a.py": f'"""About {word}."""\n'})
    assert list(walls.country_words(tree)) == [f"src/tallystick/a.py:1 {word}"]


@pytest.mark.parametrize("word", ["Peppol", "EN 16931", "UBL", "PINT", "Indiana", "third", "Mali-cious"])
def test_standards_networks_and_other_words_may_be_named(word: str, tmp_path: Path) -> None:
    tree = planted(tmp_path, {**HARMLESS, "src/tallystick/a.py": f'"""About {word.replace("-", "")}."""\n'})
    assert list(walls.country_words(tree)) == []


@pytest.mark.parametrize("host", ["pypi" + ".org", "files.python" + "hosted.org", "registry.npm" + "js.org"])
def test_registries_are_known_by_host(host: str, tmp_path: Path) -> None:
    tree = planted(tmp_path, {**HARMLESS, "docs/a.md": f"https://{host}/x\n"})
    assert list(walls.places_and_hosts(tree)) == [f"docs/a.md:1 {host}"]
