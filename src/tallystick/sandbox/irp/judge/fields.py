"""The 132 fields of INV-01 1.1: where each stands, whether it must, its kind and its limits.

The order is the one in which the portal writes a document out again. A line is a path, `!` when the field
is mandatory inside its block, `[]` for a list, and a kind: `text 3-100` (no quotation mark, no backslash),
`code PATTERN 1-16`, `one A|B`, `date`, `number HIGHEST DECIMALS` (from zero, or `LOW..HIGH`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

__all__ = ["BILL_REQUEST", "ROOT", "Block", "Leaf", "leaves"]

_PATTERNS = {
    "taxpayer": r"[0-9]{2}[0-9A-Z]{13}",
    "buyer": r"[0-9]{2}[0-9A-Z]{13}|URP",
    "state": r"(?!0+\Z)[0-9]{1,2}",
    "phone": r"[0-9]{6,12}",
    "mail": r"[a-zA-Z0-9+_.-]+@[a-zA-Z0-9.-]+",
    "number": r"[a-zA-Z1-9][a-zA-Z0-9/-]{0,15}",
    "original": r"[1-9a-zA-Z][0-9a-zA-Z/-]{1,15}",
    "serial": r"[0-9]{1,6}",
    "tariff": r"(?!0+\Z)(?:[0-9]{4}|[0-9]{6}|[0-9]{8})",
    "unit": r"[A-Z|a-z]{3,8}",
    "country": r"[A-Z|a-z]{2}",
    "abroad": r"[A-Z]{2}",
    "port": r"[0-9|A-Z|a-z]{2,10}",
    "currency": r"[A-Z|a-z]{3,16}",
    "transport": r"[a-zA-Z0-9/-]{1,15}",
    "when": r"[a-zA-Z0-9][a-zA-Z0-9/-]*",
    "vehicle": r"[A-Z|a-z0-9]{4,20}",
    "plain": r'[^"\\]*',
    "date": r"[0-3][0-9]/[0-1][0-9]/20[1-2][0-9]",
}

_TABLE = """
Version! text 1-6
Irn text 64-64
TranDtls!
TranDtls.TaxSch! one GST
TranDtls.SupTyp! one B2B|SEZWP|SEZWOP|EXPWP|EXPWOP|DEXP
TranDtls.RegRev one Y|N
TranDtls.EcmGstin code taxpayer 15-15
TranDtls.IgstOnIntra one Y|N
DocDtls!
DocDtls.Typ! one INV|CRN|DBN
DocDtls.No! code number 1-16
DocDtls.Dt! date
SellerDtls!
SellerDtls.Gstin! code taxpayer 15-15
SellerDtls.LglNm! text 3-100
SellerDtls.TrdNm text 3-100
SellerDtls.Addr1! text 1-100
SellerDtls.Addr2 text 3-100
SellerDtls.Loc! text 3-50
SellerDtls.Pin! number 100000..999999 0
SellerDtls.Stcd! code state 1-2
SellerDtls.Ph code phone 6-12
SellerDtls.Em code mail 6-100
BuyerDtls!
BuyerDtls.Gstin! code buyer 3-15
BuyerDtls.LglNm! text 3-100
BuyerDtls.TrdNm text 3-100
BuyerDtls.Pos! code state 1-2
BuyerDtls.Addr1! text 1-100
BuyerDtls.Addr2 text 3-100
BuyerDtls.Loc! text 3-100
BuyerDtls.Pin number 100000..999999 0
BuyerDtls.Ph code phone 6-12
BuyerDtls.Em code mail 6-100
BuyerDtls.Stcd! code state 1-2
DispDtls
DispDtls.Nm! text 3-100
DispDtls.Addr1! text 1-100
DispDtls.Addr2 text 3-100
DispDtls.Loc! text 3-100
DispDtls.Pin! number 100000..999999 0
DispDtls.Stcd! code state 1-2
ShipDtls
ShipDtls.Gstin code buyer 3-15
ShipDtls.LglNm! text 3-100
ShipDtls.TrdNm text 3-100
ShipDtls.Addr1! text 1-100
ShipDtls.Addr2 text 3-100
ShipDtls.Loc! text 3-100
ShipDtls.Pin! number 100000..999999 0
ShipDtls.Stcd! code state 1-2
ItemList![]
ItemList.SlNo! code serial 1-6
ItemList.IsServc! one Y|N
ItemList.PrdDesc text 3-300
ItemList.HsnCd! code tariff 4-8
ItemList.Barcde text 3-30
ItemList.Qty number 9999999999.999 3
ItemList.FreeQty number 9999999999.999 3
ItemList.Unit code unit 3-8
ItemList.UnitPrice! number 999999999999.999 3
ItemList.TotAmt! number 999999999999.99 2
ItemList.Discount number 999999999999.99 2
ItemList.PreTaxVal number 999999999999.99 2
ItemList.AssAmt! number 999999999999.99 2
ItemList.GstRt! number 999.999 3
ItemList.IgstAmt number 999999999999.99 2
ItemList.CgstAmt number 999999999999.99 2
ItemList.SgstAmt number 999999999999.99 2
ItemList.CesRt number 999.999 3
ItemList.CesAmt number 999999999999.99 2
ItemList.CesNonAdvlAmt number 999999999999.99 2
ItemList.StateCesRt number 999.999 3
ItemList.StateCesAmt number 999999999999.99 2
ItemList.StateCesNonAdvlAmt number 999999999999.99 2
ItemList.OthChrg number 999999999999.99 2
ItemList.TotItemVal! number 999999999999.99 2
ItemList.OrdLineRef text 1-50
ItemList.OrgCntry code country 2-2
ItemList.PrdSlNo text 1-20
ItemList.BchDtls
ItemList.BchDtls.Nm! text 3-20
ItemList.BchDtls.ExpDt date
ItemList.BchDtls.WrDt date
ItemList.AttribDtls[]
ItemList.AttribDtls.Nm text 1-100
ItemList.AttribDtls.Val text 1-100
ValDtls!
ValDtls.AssVal! number 99999999999999.99 2
ValDtls.CgstVal number 99999999999999.99 2
ValDtls.SgstVal number 99999999999999.99 2
ValDtls.IgstVal number 99999999999999.99 2
ValDtls.CesVal number 99999999999999.99 2
ValDtls.StCesVal number 99999999999999.99 2
ValDtls.Discount number 99999999999999.99 2
ValDtls.OthChrg number 99999999999999.99 2
ValDtls.RndOffAmt number -99.99..99.99 2
ValDtls.TotInvVal! number 99999999999999.99 2
ValDtls.TotInvValFc number 99999999999999.99 2
PayDtls
PayDtls.Nm text 1-100
PayDtls.AccDet text 1-18
PayDtls.Mode text 1-18
PayDtls.FinInsBr text 1-11
PayDtls.PayTerm text 1-100
PayDtls.PayInstr text 1-100
PayDtls.CrTrn text 1-100
PayDtls.DirDr text 1-100
PayDtls.CrDay number 9999 0
PayDtls.PaidAmt number 99999999999999.99 2
PayDtls.PaymtDue number 99999999999999.99 2
RefDtls
RefDtls.InvRm text 3-100
RefDtls.DocPerdDtls
RefDtls.DocPerdDtls.InvStDt! date
RefDtls.DocPerdDtls.InvEndDt! date
RefDtls.PrecDocDtls[]
RefDtls.PrecDocDtls.InvNo! code original 1-16
RefDtls.PrecDocDtls.InvDt! date
RefDtls.PrecDocDtls.OthRefNo text 1-20
RefDtls.ContrDtls[]
RefDtls.ContrDtls.RecAdvRefr text 1-20
RefDtls.ContrDtls.RecAdvDt date
RefDtls.ContrDtls.TendRefr text 1-20
RefDtls.ContrDtls.ContrRefr text 1-20
RefDtls.ContrDtls.ExtRefr text 1-20
RefDtls.ContrDtls.ProjRefr text 1-20
RefDtls.ContrDtls.PORefr text 1-16
RefDtls.ContrDtls.PORefDt date
AddlDocDtls[]
AddlDocDtls.Url text 3-100
AddlDocDtls.Docs text 3-1000
AddlDocDtls.Info text 3-1000
ExpDtls
ExpDtls.ShipBNo text 1-20
ExpDtls.ShipBDt date
ExpDtls.Port code port 2-10
ExpDtls.RefClm one Y|N
ExpDtls.ForCur code currency 3-16
ExpDtls.CntCode code abroad 2-2
ExpDtls.ExpDuty number 999999999999.99 2
EwbDtls
EwbDtls.TransId code taxpayer 15-15
EwbDtls.TransName text 3-100
EwbDtls.TransMode one 1|2|3|4
EwbDtls.Distance! number 0..4000 0
EwbDtls.TransDocNo code transport 1-15
EwbDtls.TransDocDt code when 10-10
EwbDtls.VehNo code vehicle 4-20
EwbDtls.VehType one O|R
"""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that holds a text or a number; `pattern` must match the whole text."""

    kind: Literal["text", "number"]
    mandatory: bool
    pattern: re.Pattern[str] | None = None
    shortest: int = 0
    longest: int = 0
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """An object, or with `many` a list of objects, and what may stand in it."""

    mandatory: bool = False
    many: bool = False
    inside: dict[str, Leaf | Block] = field(default_factory=dict)


def _leaf(kind: str, rest: list[str], *, mandatory: bool) -> Leaf:
    if kind == "number":
        low, _, high = rest[0].rpartition("..")
        return Leaf("number", mandatory, low=Decimal(low or 0), high=Decimal(high), decimals=int(rest[1]))
    if kind == "one":
        return Leaf("text", mandatory, re.compile(rest[0]), 1, max(map(len, rest[0].split("|"))))
    if kind == "date":
        rest = ["date", "10-10"]
    elif kind == "text":
        rest = ["plain", *rest]
    shortest, _, longest = rest[1].partition("-")
    return Leaf("text", mandatory, re.compile(_PATTERNS[rest[0]]), int(shortest), int(longest))


def _read(table: str) -> Block:
    root = Block(mandatory=True)
    for line in table.split("\n"):
        if not line:
            continue
        path, *rest = line.split()
        many, path = path.endswith("[]"), path.removesuffix("[]")
        mandatory, path = path.endswith("!"), path.removesuffix("!")
        *above, name = path.split(".")
        block = root
        for step in above:
            found = block.inside[step]
            assert isinstance(found, Block)
            block = found
        block.inside[name] = (
            _leaf(rest[0], rest[1:], mandatory=mandatory) if rest else Block(mandatory=mandatory, many=many)
        )
    return root


ROOT = _read(_TABLE)
"""The whole document."""


def _bill_request() -> Block:
    transport, address = ROOT.inside["EwbDtls"], ROOT.inside["DispDtls"]
    assert isinstance(transport, Block)
    number = Leaf("text", mandatory=True, longest=64)
    return Block(inside={"Irn": number, **transport.inside, "ExpShipDtls": address, "DispDtls": address})


BILL_REQUEST = _bill_request()
"""The request for an e-way bill by registration number."""


def leaves(block: Block = ROOT) -> int:
    """How many fields there are."""
    return sum(1 if isinstance(one, Leaf) else leaves(one) for one in block.inside.values())
