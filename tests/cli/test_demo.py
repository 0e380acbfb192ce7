"""The demo: whole, honest about what goes wrong, and gone without a trace however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest

from tallystick.cli.demo import review
from tallystick.cli.demo.cast import DROPPED, OVERLOADED, OWN, REFUSED, Enrolling, Piece, cast_of
from tallystick.cli.demo.play import Played, Player
from tallystick.cli.demo.review import drawn, piece_problems
from tallystick.cli.printing import Failure

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
GOES_ON = "Ctrl-C ends everything"


def demo(home: Path, *words: str) -> subprocess.Popen[str]:
    """The demo as a process, with its data below `home`."""
    mine = {"TALLYSTICK_DATA_DIRECTORY": str(home), "TALLYSTICK_KEY_DIRECTORY": str(home / "keys")}
    given = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "tallystick", "demo", *words],
        env=given | mine,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def left_of(home: Path) -> list[str]:
    """The processes that were given this home, or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(home) in told:
            found.append(f"{process.name}: {(process / 'cmdline').read_bytes()!r}")
    return found


def await_silence(home: Path) -> None:
    """Nothing of the demo runs any more, within seconds."""
    deadline = time.monotonic() + 30
    while left_of(home) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left_of(home) == []


@contextmanager
def on_stage(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A demo that has done its deeds and goes on running, and what it said."""
    process = demo(home, "--keep", *words)
    assert process.stderr is not None
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if GOES_ON in line:
                break
        yield process, "".join(said)
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
def test_every_promise_holds_and_nothing_is_left_however_it_ends(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with on_stage(home) as (process, said):
        assert " 0 promises broken" in said, said
        assert said.count("QR code of ") == sum(part.get("has_code", False) for part in parts()) >= 3
        manual = next(line for line in said.splitlines() if line.endswith("/docs")).split()[-1]
        assert httpx.get(manual).status_code == 200
        assert len(left_of(home)) >= 5  # it, sandbox, API, worker, and the servers
        process.send_signal(signal.SIGKILL)
        process.wait()
        await_silence(home)

    own = home / OWN
    own.write_text(own.read_text().replace('"25.5"', '"0"'))
    with on_stage(home, "--json") as (process, said):
        assert f"{OWN}: /lines/0/tax/rate: BR-S-05" in said, said
        assert " 1 promises broken" in said
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        await_silence(home)
        assert process.stdout is not None
        rows = [json.loads(line) for line in process.stdout]
    states = {row["what_it_shows"]: row["state"] for row in rows}
    assert states.pop("wrong sums") == "refused, 6 faults"
    assert states.pop("yours to edit").startswith("refused")
    assert all(state.startswith("issued") for state in states.values())
    ends = {part["shows"]: part.get("ends", "").replace("_", " ") for part in parts() if "ends" in part}
    assert {shows: state.partition(", ")[2] for shows, state in states.items()} == ends
    assert {"cleared", "reported", "registered", "accepted", "not required"} == set(ends.values())
    assert [row["receipt"] for row in rows].count("complete") == len(ends)


def parts() -> list[Any]:
    """What the files of the cast promise."""
    files = sorted((FIXTURES / "demo/cast").glob("*.json"))
    return [part for path in files for part in json.loads(path.read_bytes())["pieces"]]


def test_numbers_are_fresh_and_the_cast_shows_what_was_promised(tmp_path: Path) -> None:
    pieces = cast_of(FIXTURES, tmp_path / OWN, "aaa").pieces
    numbers = {piece.number for piece in pieces}
    assert len(numbers) == len(pieces) == len(parts()) + 1
    assert numbers.isdisjoint(piece.number for piece in cast_of(FIXTURES, tmp_path / OWN, "bbb").pieces)
    lines = {piece.shows: len(piece.invoice["lines"]) for piece in pieces}
    assert lines["a thousand lines"] == 1000
    faults = Counter(piece.fault for piece in pieces if piece.fault)
    assert (faults[OVERLOADED], faults[REFUSED], set(faults)) == (1, 1, {OVERLOADED, REFUSED, DROPPED})
    assert next(piece for piece in pieces if piece.fault == OVERLOADED).times == 3


def test_every_authority_loses_a_line_once(tmp_path: Path) -> None:
    for path in (FIXTURES / "demo/cast").glob("*.json"):
        act = json.loads(path.read_bytes())
        faults = [part.get("fault") for part in act["pieces"]]
        assert faults.count(DROPPED) == (1 if act.get("registrations") else 0), path.name


def test_a_piece_that_is_issued_now_moves_all_its_dates(tmp_path: Path) -> None:
    cast = tmp_path / "demo/cast"
    cast.mkdir(parents=True)
    (tmp_path / "demo/invoice.json").write_text("{}")
    (tmp_path / "zz/one").mkdir(parents=True)
    old = {
        "issue_date": "2024-02-28",
        "issue_time": "10:00:00",
        "due": ["2024-03-01"],
        "note": "on 2024-02-28",
    }
    (tmp_path / "zz/one/invoice.json").write_text(json.dumps(old))
    there = timezone(timedelta(hours=14))
    act = {"issued_now_at": "+14:00", "number": "N{mark}", "pieces": [{"fixture": "one", "shows": ""}]}
    (cast / "zz.json").write_text(json.dumps(act))

    invoice = cast_of(tmp_path, tmp_path / OWN, "a").pieces[0].invoice

    at = datetime.fromisoformat(f"{invoice['issue_date']}T{invoice['issue_time']}").replace(tzinfo=there)
    assert timedelta(minutes=1) < datetime.now(there) - at < timedelta(minutes=4)
    assert invoice["due"] == [(at + timedelta(days=2)).date().isoformat()]
    assert (invoice["note"], invoice["invoice_number"]) == ("on 2024-02-28", "Na01")


def test_settings_take_what_the_sandbox_tells() -> None:
    way = Enrolling(endpoint="x", settings={"keys": [{"pem": "<{key}>", "on": True}], "portal": "one"})
    assert way.settings_from({"key": "K"}) == {"keys": [{"pem": "<K>", "on": True}], "portal": "one"}


def test_a_code_is_drawn_where_there_is_room_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x" * 400
    monkeypatch.setattr(review, "is_terminal", lambda: True)
    for columns, lines in ((200, 30), (60, 1)):
        monkeypatch.setattr("shutil.get_terminal_size", lambda _, c=columns: os.terminal_size((c, 50)))
        assert len(drawn(text).splitlines()) >= lines
        assert ("400 characters" in drawn(text)) == (columns == 60)
    monkeypatch.setattr(review, "is_terminal", lambda: False)
    assert drawn(text).startswith("xxx")


def test_the_users_invoice_is_laid_out_once_and_then_his(tmp_path: Path) -> None:
    own = tmp_path / "deep" / OWN
    cast_of(FIXTURES, own, "aaa")
    assert own.read_bytes() == (FIXTURES / "demo/invoice.json").read_bytes()
    own.write_text('{"invoice_number": "HIS-1"}')
    assert cast_of(FIXTURES, own, "bbb").pieces[-1].number == "HIS-1-bbb00"
    for broken in ("{", "[]"):
        own.write_text(broken)
        with pytest.raises(Failure, match=OWN):
            cast_of(FIXTURES, own, "ccc")


GOOD: dict[str, Any] = {
    "id": "1",
    "status": "issued",
    "processing_status": "completed",
    "authority_status": "accepted",
    "strategy": "peppol",
}


def played(
    fault: str = "", status: int = 201, statuses: tuple[int | None, ...] = (200,), **more: Any
) -> Played:
    answer = GOOD | more.pop("answer", {}) if status == 201 else {"detail": "no"}
    times = 3 if fault == OVERLOADED else 0
    piece = Piece(
        number="N-1",
        shows="",
        invoice={},
        ends="accepted",
        fault=fault,
        times=times,
        has_code=more.pop("has_code", False),
    )
    attempts = [{"http_status": one, "kind": "submit"} for one in statuses]
    return Played(
        piece=piece, status=status, answer=answer, attempts=attempts, receipt=more.get("receipt", "complete")
    )


class Nobody:
    """Stands for the player where only what is handed to it counts."""

    refused = Player.refused


def problems(one: Played) -> list[str]:
    return list(piece_problems(cast(Player, Nobody()), one))


def test_what_came_out_as_promised_is_no_problem() -> None:
    assert problems(played()) == []
    assert problems(played(OVERLOADED, statuses=(503, 404, 503, 503, 200))) == []
    assert problems(played(DROPPED, statuses=(None, 200))) == []
    assert problems(played(has_code=True, answer={"qr": "AQ=="})) == []


@pytest.mark.parametrize(
    ("one", "part"),
    [
        (played(status=422), "was refused"),
        (played(answer={"status": "attention"}), "not issued"),
        (played(answer={"authority_status": "rejected"}), "is rejected, not accepted"),
        (played(has_code=True), "has no QR code"),
        (played(receipt="broken"), "the receipt is broken"),
        (played(receipt="open"), "the receipt is open"),
        (played(OVERLOADED, statuses=(503, 503, 200)), "3 times 503"),
        (played(DROPPED, statuses=(200,)), "lost its first answer"),
        (played(REFUSED), "should have been refused"),
        (played(REFUSED, status=500), "should have been refused"),
        (played(REFUSED, status=422), "should have been refused"),  # without a single fault told
    ],
)
def test_what_is_not_as_promised_is_said(one: Played, part: str) -> None:
    assert any(part in problem for problem in problems(one))


def test_a_refusal_with_faults_is_what_was_promised() -> None:
    one = played(REFUSED, status=422)
    fault = {"code": "a/b", "pointer": "/x", "message": "m"}
    assert problems(msgspec.structs.replace(one, answer={"errors": [fault]})) == []
