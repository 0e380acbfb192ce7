"""What a strategy's source may not hold is found; what it may hold is not."""

from pathlib import Path

import pytest

from tallystick.conformance.source import files_of, findings
from tallystick.strategies import load

ALLOWED = '''"""A strategy's module. https://example.org"""

import hashlib
import re
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

import httpx
from httpx import Request, Response
from lxml import etree

from tallystick import schemas
from tallystick.canonical import Invoice
from tallystick.formats import ubl
from tallystick.strategy import Outcome


def now(enrolment: object) -> object:
    """Names are no sins: this is the enrolment's clock."""
    return enrolment.now, datetime.combine, httpx.URL("https://example.org"), Decimal("0.01")
'''


def said_of(tmp_path: Path, line: str, *, package: bool = False) -> list[str]:
    path = tmp_path / "module.py"
    path.write_text(f'"""Docstring."""\n{line}\n')
    return list(findings(path, tmp_path if package else None))


def test_what_a_strategy_needs_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(ALLOWED)

    assert list(findings(path, None)) == []


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import os.path",
        "from os import environ",
        "import random as r",
        "from time import time",
        "import socket",
        "import sqlalchemy.orm",
        "import asyncio",
        "import urllib.request",
        "from urllib import request",
        "from uuid import uuid4",
        "import uuid\nuuid.uuid4()",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime\ndatetime.now(None)",
        "from datetime import datetime as clock\nclock.utcnow()",
        "from datetime import date\ndate.today()",
        "import httpx\nhttpx.get('https://example.org')",
        "import httpx as h\nh.Client()",
        "from httpx import AsyncClient",
        "import tallystick.store",
        "from tallystick import settings",
        "from tallystick.strategies import peppol",
        "from tallystick.worker import main",
        "import strategies.default",
        "from . import default",
        "RATE = 0.1",
        "float('1')",
        "eval('1')",
        "async def f() -> None: ...",
        "def f(x):\n" + "    if x: ...\n" * 10,
        "def f(x):\n" + "    x += 1\n" * 50,
        "x = 1\n" * 400,
    ],
)
def test_what_a_strategy_may_not_do_is_found(tmp_path: Path, line: str) -> None:
    assert said_of(tmp_path, line) != []


def test_a_package_may_import_from_itself_and_no_further(tmp_path: Path) -> None:
    assert said_of(tmp_path, "from . import rules\nfrom .rules import RULES", package=True) == []
    assert said_of(tmp_path, "from .. import default", package=True) != []


def test_nine_forks_and_forty_nine_lines_are_allowed(tmp_path: Path) -> None:
    assert said_of(tmp_path, "def f(x):\n" + "    if x: ...\n" * 9) == []
    assert said_of(tmp_path, "def f(x):\n" + "    x += 1\n" * 48) == []


def test_a_missing_docstring_is_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("x = 1\n")

    assert list(findings(path, None)) == ["module.py: no docstring"]


def test_all_files_of_a_strategy_are_looked_at(root: Path) -> None:
    registry = load()

    assert files_of(registry.home("default")) == [root / "strategies/default.py"]
    assert set(files_of(registry.home("peppol"))) == set((root / "strategies/peppol").rglob("*.py"))
