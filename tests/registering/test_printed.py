"""What is printed: the signed code as a picture that a reader reads, and the texts that stand beside it."""

import io
import math
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
import segno

from registering.installation import Seller

CENTIMETRE = 2.54
DOTS = 300  # to the inch, of an ordinary printer


def rows_of(png: bytes) -> list[list[bool]]:
    """The pixels of a PNG of one bit, dark is true; the filters none and "up" (RFC 2083) are enough here."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (1, 0), "not a drawing in black and white"
    data, place = b"", 8
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + size]
        place += 12 + size
    plain, line = zlib.decompress(data), 1 + math.ceil(width / 8)
    rows, above = [], bytes(line - 1)
    for number in range(height):
        how, *said = plain[number * line : (number + 1) * line]
        assert how in (0, 2), "another filter"
        above = bytes((byte + up * (how == 2)) % 256 for byte, up in zip(said, above, strict=True))
        bits = "".join(f"{byte:08b}" for byte in above)[:width]
        rows.append([bit == "0" for bit in bits])
    return rows


@pytest.fixture
def invoice(seller: Seller) -> dict[str, Any]:
    """A registered invoice."""
    return seller.registered()


def test_the_picture_is_the_signed_code_module_by_module(seller: Seller, invoice: dict[str, Any]) -> None:
    token = seller.events("processed")[0]["signed_qr"]
    png = seller.http.get(f"/v1/invoices/{invoice['id']}/qr.png", params={"scale": 1}).content

    wanted = segno.make_qr(token, error="m", boost_error=False)
    matrix = [[bool(module) for module in row] for row in wanted.matrix_iter(border=4)]
    drawn = rows_of(png)

    assert invoice["qr"] == token == seller.http.get(f"/v1/invoices/{invoice['id']}/qr.txt").text
    assert drawn == matrix
    assert 22 <= int(wanted.version) <= 27


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbarimg is not installed")
def test_a_reader_reads_the_signed_code(seller: Seller, invoice: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "code.png").write_bytes(seller.http.get(f"/v1/invoices/{invoice['id']}/qr.png").content)
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(tmp_path / "code.png")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert read.stdout.strip() == invoice["qr"]


def test_the_usual_scale_prints_at_five_centimetres(seller: Seller, invoice: dict[str, Any]) -> None:
    png = seller.http.get(f"/v1/invoices/{invoice['id']}/qr.png").content

    side = len(rows_of(png))

    assert 4 <= side / DOTS * CENTIMETRE <= 5.5
    assert io.BytesIO(png).read(4) == b"\x89PNG"


def test_number_and_time_of_the_acknowledgement_are_those_that_were_signed(
    seller: Seller, invoice: dict[str, Any]
) -> None:
    processed = seller.events("processed")[0]

    marks = invoice["marks"]

    assert marks["irn"] == invoice["authority_reference"] == processed["irn"]
    assert marks["ack_no"] == str(processed["ack_no"])
    assert marks["ack_date"] == processed["ack_dt"]
    assert "qr" not in marks
    assert {token.decode() for token in seller.kept(str(invoice["id"]), media_type="jose")} == {
        processed["signed_qr"],
        processed["signed_invoice"],
    }


def test_a_sale_to_a_consumer_gets_a_payment_code_and_no_number(stranger: Seller) -> None:
    payee = {"upi_id": "tungabhadra@upi", "name": "T", "account": "50200031447712", "ifsc": "HDFC0000240"}
    stranger.enrol(settings={"payee": payee})

    answer = stranger.post(stranger.invoice("consumer"))
    found = stranger.until(answer.json()["id"], "not_required")

    assert found["qr"].startswith("upi://pay?")
    assert not [event for event in stranger.events() if event["operation"] == "submit"]
