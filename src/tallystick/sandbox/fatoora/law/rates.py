"""Tax categories and their rates, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.sandbox.fatoora.finding import Finding, error
from tallystick.sandbox.fatoora.law.words import decimals
from tallystick.sandbox.judge.codes import TAX_CATEGORIES
from tallystick.sandbox.judge.paper import Part


def category(part: Part, where: str) -> Iterator[Finding]:
    """Code and rate of a TaxCategory: one of four codes, and a rate that the law knows."""
    code, rate = part.text("cbc:ID"), part.number("cbc:Percent")
    if code and code not in ("S", "Z", "E", "O"):
        yield error("BR-KSA-18", f"The VAT category of {where} must be S, Z, E or O")
    if code and code not in TAX_CATEGORIES:
        yield error("BR-CL-18", f"The VAT category of {where} is none of UNTDID 5305")
    if code == "S" and rate is not None and int(rate) != 15 and rate != 5:
        yield error("BR-KSA-84", f"The VAT rate of {where} must be 15 or 5")
    if rate is not None and (not 0 <= rate <= 100 or decimals(part.text("cbc:Percent")) > 2):
        yield error("BR-KSA-DEC-02", f"The VAT rate of {where} must lie between 0 and 100 with 2 decimals")
