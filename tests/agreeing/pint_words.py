"""What mutants of a country's PINT say: its codes and numbers, right ones and wrong ones."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

__all__ = ["AE", "ANZ", "Words"]


class Words(Struct, frozen=True, kw_only=True):
    """A country's vocabulary. `regime` is the key of its blocks, `home` the currency that rates lead to,
    `said` the values of terms that have some of their own.
    """

    regime: str = ""
    home: str
    lands: tuple[str, ...]
    categories: tuple[str, ...]
    rates: tuple[str, ...]
    dates: tuple[str, ...]
    types: tuple[str, ...]
    flags: tuple[str, ...] = ()
    currencies: tuple[str, ...]
    schemes: tuple[str, ...]
    values: tuple[str, ...]
    numbers: tuple[str, ...]
    said: Mapping[str, tuple[str, ...]]


_SCHEMES: Final = "0088 0192 0007 0184 0208 0201 0210 9907 0211 9906 0151 0242 9999 SEPA".split()
_VALUES: Final = (
    *("7300010000001", "7300010000002", "991825834", "5560360793", "DK12345678", "0403019261", "ABC123"),
    *("12345678901", "IT12345670017", "IT123", "51824753556", " 5 5 ", "RSSMRA85T10A562S", "+123456789"),
    *("1e3       ", "12345678.9"),
)
_DATES: Final = ("2026-09-01", "2026-09-30", "2026-10-05", "2026-10-06", "2026-08-15", "2027-12-31")
_PERCENTAGES: Final = ("3", "2.5", "10", "33.333")
_TRNS: Final = (
    *("100123456700003", "200123456700003", "10012345670000", "1001234567", "2001234567", "SE556036079301"),
    *("100999888700003", "1001234567890030"),
)
_AE_SCHEMES: Final = ("0235", *_SCHEMES)

AE: Final = Words(
    regime="ae",
    home="AED",
    lands=tuple("AE US SE IN JO OM SA XX 1A XI".split()),
    categories=tuple("S Z E AE O N K s".split()),
    rates=tuple("0 5 5.00 15 0.5 -0.0".split()),
    dates=_DATES,
    types=tuple("380 381 480 81 389 261 388 396".split()),
    flags=(
        *("free_trade_zone", "deemed_supply", "margin_scheme", "summary", "continuous_supply"),
        *("disclosed_agent", "e_commerce", "export"),
    ),
    currencies=tuple("AED USD EUR KWD JPY ANG BGN".split()),
    schemes=_AE_SCHEMES,
    values=("1001234567", "2001234567", "9900000099", *_VALUES),
    numbers=_TRNS,
    said={
        "credit_reason": ("DL8.61.1.A", "VD", "DL8", " VD "),
        "billing_frequency": ("MTH", "OTH", "XYZ", " OTH"),
        "nature": ("DL8.48.8.1", "X"),
        "legal_identifier_type": ("TL", "EID", "PAS", "CD", "CL", "XX"),
        "legal_identifier_authority": ("AE", "Dubai", "XI", "JO"),
        "commodity": ("G", "S", "B"),
        "amount_in_aed": ("0.00", "1.00"),
        "tax_in_aed": ("0.00", "1.00", "0", "-0.00"),
        "principal": _TRNS,
        "scheme": (*_AE_SCHEMES, "HS", "STL", "0160", "ABT", "SAC"),
        "percentage": _PERCENTAGES,
    },
)

ANZ: Final = Words(
    home="AUD",
    lands=tuple("AU NZ au US DK SE IN XX 1A XI".split()),
    categories=tuple("S Z E G O AE K s".split()),
    rates=tuple("0 10 10.00 15 0.4 0.5 -0.0".split()),
    dates=_DATES,
    types=tuple("380 381 383 84 71 83 389 261 384 396".split()),
    currencies=tuple("AUD NZD USD EUR KWD JPY ANG".split()),
    schemes=tuple(_SCHEMES),
    values=("9429033821733", "53004085616", *_VALUES),
    numbers=("123-456-789", "51824753556", "1"),
    said={
        "tax_point_date_code": ("3", "35", "432", "29", " 3"),
        "buyer_reference": ("Desk", " Desk 4 "),
        "mime_code": (
            "image/gif",
            "text/csv",
            "application/pdf",
            "application/vnd.oasis.opendocument.spreadsheet",
        ),
        "payment_means_type_code": ("30", "58", " 30", "54"),
        "specification_identifier": (
            *("urn:peppol:pint:billing-1@aunz-1.2", "urn:peppol:pint:selfbilling-1@aunz-1", "urn:x"),
            "urn:peppol:pint:selfbilling-1@jp-1",
        ),
        "business_process_type": ("urn:peppol:bis:billing", "urn:peppol:bis:selfbilling", "x"),
        "scheme": (*_SCHEMES, "0002", "ABT", "MP"),
        "percentage": _PERCENTAGES,
        "net_amount": ("200.00", "200.02", "200.021", "100.01", "99.97"),
        "base_quantity": ("1", "0.7", "3", "0"),
    },
)
