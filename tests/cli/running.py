"""The command line in this process: its exit status and what it printed."""

import io
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tallystick import cli


class Said(NamedTuple):
    """What a command did: exit status, standard output, standard error."""

    status: int
    out: str
    err: str


def run(*words: str | Path, stdin: bytes = b"") -> Said:
    """`tallystick WORDS…` as a process would run it, without the process."""
    taken = pytest.MonkeyPatch()
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with taken.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        with pytest.raises(SystemExit) as ended:
            cli.main([str(word) for word in words])
    texts = []
    for stream in (out, err):
        stream.flush()
        stream.seek(0)
        texts.append(stream.read())
    code = ended.value.code
    return Said(code if isinstance(code, int) else int(code is not None), *texts)
