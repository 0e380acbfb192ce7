"""What a strategy's source gives away: what it imports, how long and how branched its functions are."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

__all__ = ["files_of", "findings"]

MAX_FILE_LINES: Final = 400
MAX_FUNCTION_LINES: Final = 49
MAX_COMPLEXITY: Final = 10

ROOMS: Final = frozenset({"canonical", "formats", "keys", "network", "rules", "schemas", "strategy"})
"""The rooms of ours that a strategy may enter."""

FROM_HTTPX: Final = frozenset(
    {
        "URL",
        "Headers",
        "QueryParams",
        "Request",
        "Response",
        "codes",
        "DecodingError",
        "HTTPError",
        "InvalidURL",
    }
)
"""What a strategy may use of httpx: words for a request and its answer, nothing that opens a socket."""

CLOSED: Final = frozenset(
    "aiohttp alembic anyio arq asyncio asyncpg celery concurrent ctypes ftplib http litestar multiprocessing "
    "os pickle psycopg random redis requests secrets shutil signal smtplib socket socketserver sqlalchemy "
    "sqlite3 ssl subprocess sys tempfile threading time trio urllib3 uvicorn valkey".split()
)
"""Packages that hold a socket, a clock, chance, the environment or a database."""

CLOSED_NAMES: Final = frozenset(
    "datetime.datetime.now datetime.datetime.today datetime.datetime.utcnow datetime.date.today uuid.uuid1 "
    "uuid.uuid4 uuid.getnode urllib.request urllib.robotparser".split()
)


def files_of(home: ModuleType) -> list[Path]:
    """The source files of a strategy: its module, or all of its package."""
    if home.__file__ is None:
        return []
    path = Path(home.__file__)
    return sorted(path.parent.rglob("*.py")) if hasattr(home, "__path__") else [path]


def findings(path: Path, root: Path | None) -> Iterator[str]:
    """Everything in the file that a strategy may not do, one line each; `root` is its package's folder."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    depth = len(path.relative_to(root).parts) if root else 0
    if len(text.splitlines()) > MAX_FILE_LINES:
        yield f"{path.name}: more than {MAX_FILE_LINES} lines"
    if not ast.get_docstring(tree):
        yield f"{path.name}: no docstring"
    names = dict(_bound(tree))
    for node in ast.walk(tree):
        for said in (*_import_findings(node, depth), *_name_findings(node, names), *_size_findings(node)):
            yield f"{path.name}:{getattr(node, 'lineno', 0)}: {said}"


def _bound(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Which local name stands for which imported thing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((item.asname or item.name, f"{node.module}.{item.name}") for item in node.names)
        if isinstance(node, ast.Import):
            for item in node.names:
                local = item.asname or item.name.partition(".")[0]
                yield local, item.name if item.asname else local


def _import_findings(node: ast.AST, depth: int) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"may not import {item.name}" for item in node.names if not _open(item.name))
    if isinstance(node, ast.ImportFrom) and not node.level:
        wholes = [f"{node.module}.{item.name}" for item in node.names]
        yield from (f"may not import {whole}" for whole in wholes if not _open(whole))
    if isinstance(node, ast.ImportFrom) and node.level > depth:
        yield "may not import from beside itself"


def _open(whole: str) -> bool:
    package, _, rest = whole.partition(".")
    if package == "tallystick":
        return rest.partition(".")[0] in ROOMS
    if package == "strategies":
        return False
    if package == "httpx":
        return not rest or rest in FROM_HTTPX
    return package not in CLOSED and whole not in CLOSED_NAMES


def _name_findings(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Attribute):
        whole = _dotted(node, names)
        if whole in CLOSED_NAMES or (
            whole.startswith("httpx.") and whole[6:].partition(".")[0] not in FROM_HTTPX
        ):
            yield f"may not use {whole}"
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        yield f"may not use floats: {node.value}"
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("float", "eval", "exec")
    ):
        yield f"may not call {node.func.id}"


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    """The dotted name an expression spells, with imported names written out; empty if it spells none."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        above = _dotted(node.value, names)
        return f"{above}.{node.attr}" if above else ""
    return ""


def _size_findings(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if lines > MAX_FUNCTION_LINES:
        yield f"{node.name} has {lines} lines"
    if (measured := complexity(node)) > MAX_COMPLEXITY:
        yield f"{node.name} has complexity {measured}"
    if isinstance(node, ast.AsyncFunctionDef):
        yield f"{node.name} waits; a strategy yields instead"


def complexity(function: ast.AST) -> int:
    """McCabe's number: one more than the places where the function can go two ways."""
    forks = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.comprehension, ast.match_case)
    return 1 + sum(isinstance(node, forks) for node in ast.walk(function))
