"""The house rules no linter knows: each looks at a tree and returns what breaks it, one line a finding.

The rules take the root of a tree, so that the tests can hold them against this repository and against small
trees that break them on purpose.
"""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from architecture.names import FORBIDDEN_WORDS, ISO_CODES, STANDARDS

LINES_PER_FILE, LINES_PER_FUNCTION = 400, 50
NO_ROOM_NAMES = {
    "utils",
    "util",
    "common",
    "helpers",
    "helper",
    "base",
    "manager",
    "managers",
    "core",
    "misc",
}
PURE_ROOMS = ("src/tallystick/canonical", "src/tallystick/formats", "src/tallystick/ledger", "strategies")
IMPURE_CALLS = re.compile(
    r"(?:datetime\.(?:now|utcnow|today)|date\.today|time\.(?:time|time_ns|monotonic|localtime|gmtime)"
    r"|uuid\.uuid[14]|uuid[14]|os\.(?:urandom|getenv)|secrets\.\w+|random\.\w+)"
)
TOP_LEVEL = {
    *("src", "strategies", "schemas", "fixtures", "tests", "deploy", "docs", "README.md", "LICENSE"),
    *("pyproject.toml", "requirements.lock", "dev"),
}
MACHINE_PATH = re.compile(r"(?<![\w.~$}])/(?:work|farm|root|home/\w+|Users/\w+|opt/\w+)/[\w.]")
REGISTRY = re.compile(
    r"[\w.-]*\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|debian\.org|ubuntu\.com)\b"
)
UNFINISHED = re.compile(r"\bT[O]DO\b|\bF[I]XME\b")


def modules(root: Path, *folders: str) -> Iterator[Path]:
    """The Python files below some folders of a tree."""
    for folder in folders or ("src", "strategies"):
        yield from sorted(path for path in (root / folder).rglob("*.py") if "__pycache__" not in path.parts)


def said(root: Path, path: Path, line: int, what: str) -> str:
    """A finding: where, and what."""
    return f"{path.relative_to(root)}:{line} {what}"


def country_words(root: Path) -> Iterator[str]:
    """Country and authority names in the gateway, which has never heard of one."""
    for path in modules(root, "src"):
        if "sandbox" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for pattern in FORBIDDEN_WORDS:
                for word in pattern.findall(line):
                    yield said(root, path, number, word)


def strategy_words(root: Path) -> Iterator[str]:
    """The authority part of a strategy's name (`sa_zatca` → `zatca`) in the gateway."""
    names = {entry.stem.partition("_")[2] for entry in (root / "strategies").glob("[a-z][a-z]_*")} - STANDARDS
    pattern = re.compile(rf"\b(?:{'|'.join(sorted(names)) or '(?!)'})\b", re.IGNORECASE)
    for path in modules(root, "src"):
        if "sandbox" not in path.parts:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield from (said(root, path, number, word) for word in pattern.findall(line))


def country_branches(root: Path) -> Iterator[str]:
    """Comparisons of a country with a code in the gateway: the start of an `if country`."""
    for path in modules(root, "src"):
        if "sandbox" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked = node.subject if isinstance(node, ast.Match) else node
            if isinstance(node, ast.Compare | ast.Match) and "country" in ast.unparse(asked).lower():
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant) and part.value in ISO_CODES:
                        yield said(root, path, part.lineno, f"asks for {part.value!r}")


def long_functions(root: Path) -> Iterator[str]:
    """Functions that do not fit one screen."""
    for path in modules(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno
                if length >= LINES_PER_FUNCTION:
                    yield said(root, path, node.lineno, f"{node.name} has {length + 1} lines")


def long_files(root: Path) -> Iterator[str]:
    """Files that should be two."""
    for path in [*modules(root, "src", "strategies", "tests"), root / "dev"]:
        lines = path.read_text(encoding="utf-8").count("\n") if path.exists() else 0
        if lines > LINES_PER_FILE:
            yield said(root, path, lines, "lines")


def silent_modules(root: Path) -> Iterator[str]:
    """Modules that do not say what they are."""
    for path in modules(root, "src", "strategies", "tests"):
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            yield said(root, path, 1, "has no docstring")


def floats_in_the_model(root: Path) -> Iterator[str]:
    """Binary fractions where money is made."""
    for path in modules(root, "src/tallystick/canonical"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name) and node.id == "float":
                yield said(root, path, node.lineno, "names float")
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                yield said(root, path, node.lineno, f"holds {node.value}")


def impurities(root: Path) -> Iterator[str]:
    """Clock, environment and randomness in rooms that are handed such things."""
    for path in modules(root, *PURE_ROOMS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and IMPURE_CALLS.fullmatch(ast.unparse(node.func)):
                yield said(root, path, node.lineno, f"calls {ast.unparse(node.func)}")


def environment_readers(root: Path) -> Iterator[str]:
    """Readers of the environment besides settings.py (the kit, which guards it, apart)."""
    for path in modules(root):
        if path == root / "src/tallystick/settings.py" or "conformance" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv"):
                yield said(root, path, node.lineno, f"reads {node.attr}")


def vague_names(root: Path) -> Iterator[str]:
    """Rooms and modules whose name says nothing."""
    for path in modules(root, "src", "strategies", "tests"):
        for part in path.relative_to(root).with_suffix("").parts:
            if part.lower() in NO_ROOM_NAMES:
                yield said(root, path, 1, f"is called {part}")


def unknown_rooms(root: Path) -> Iterator[str]:
    """Rooms that no layer of the import contracts knows."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    known = set(re.findall(r"tallystick\.(\w+)", " ".join(layers)))
    for path in sorted((root / "src/tallystick").iterdir()):
        is_room = path.suffix == ".py" or any(path.rglob("*.py"))
        if is_room and path.stem not in known and path.name != "__init__.py":
            yield said(root, path, 1, "stands in no layer")


def strategies_of(root: Path) -> list[str]:
    """The names of a tree's strategies."""
    entries = (root / "strategies").iterdir() if (root / "strategies").is_dir() else ()
    return sorted(
        entry.stem
        for entry in entries
        if entry.suffix == ".py" or (entry.is_dir() and (entry / "__init__.py").exists())
    )


def strategies_without_cases(root: Path) -> Iterator[str]:
    """Strategies that nobody has shown at work."""
    for name in strategies_of(root):
        if not any((root / "fixtures" / name).glob("*/invoice.json")):
            yield f"fixtures/{name}/<case>/invoice.json is missing"


def strategies_without_source(root: Path) -> Iterator[str]:
    """Strategies that do not say where their rules come from."""
    for name in strategies_of(root):
        path = root / "strategies" / f"{name}.py"
        path = path if path.exists() else root / "strategies" / name / "__init__.py"
        if "https://" not in (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""):
            yield said(root, path, 1, "names no source (https://…) in its docstring")


def tracked(root: Path) -> list[Path]:
    """The files that git knows."""
    command = ["git", "-C", str(root), "ls-files", "-z"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return [root / name for name in names if name and (root / name).is_file()]


def strange_top_level(root: Path) -> Iterator[str]:
    """Entries beside the plan of the house."""
    tops = {path.relative_to(root).parts[0] for path in tracked(root)}
    yield from sorted(top for top in tops if top not in TOP_LEVEL and not top.startswith("."))


def places_and_hosts(root: Path) -> Iterator[str]:
    """Paths of one machine and hosts of package registries in what git keeps."""
    for path in tracked(root):
        text = path.read_bytes().decode("utf-8", "replace")
        for pattern in (MACHINE_PATH, REGISTRY):
            for hit in pattern.finditer(text):
                yield said(root, path, text.count("\n", 0, hit.start()) + 1, hit[0])


def the_shelf(root: Path) -> Iterator[str]:
    """Mentions of the shared shelf in the product, which never reads it."""
    for folder in ("src", "strategies", "schemas"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and b"../shared" in path.read_bytes():
                yield said(root, path, 1, "knows ../shared")


def unfinished(root: Path) -> Iterator[str]:
    """Notes that say a thing is not done."""
    for path in [*modules(root, "src", "strategies", "tests"), root / "dev"]:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for hit in UNFINISHED.finditer(text):
            yield said(root, path, text.count("\n", 0, hit.start()) + 1, hit[0])


def hosts_in_the_lock(root: Path) -> Iterator[str]:
    """Addresses in the lock: it must serve behind any package index."""
    for number, line in enumerate((root / "requirements.lock").read_text().splitlines(), 1):
        if "://" in line:
            yield f"requirements.lock:{number} {line}"


def unhashed(root: Path) -> Iterator[str]:
    """Entries of the lock without a hash or without an exact version."""
    for entry in re.split(r"^(?=[A-Za-z0-9])", (root / "requirements.lock").read_text(), flags=re.MULTILINE):
        if entry.strip() and ("==" not in entry.splitlines()[0] or "--hash=sha256:" not in entry):
            yield f"requirements.lock: {entry.splitlines()[0]}"


WALLS = (
    *(country_words, strategy_words, country_branches, long_functions, long_files, silent_modules),
    *(floats_in_the_model, impurities, environment_readers, vague_names, unknown_rooms),
    *(strategies_without_cases, strategies_without_source, strange_top_level, places_and_hosts),
    *(the_shelf, unfinished, hosts_in_the_lock, unhashed),
)
