"""Which rules a document is judged by, and what it says about itself where its sender is silent.

Source: Peppol BIS Billing 3.0.21 and Self-Billing 3.0.2 (identifiers, approved processes, document types);
KoSIT, XRechnung 3.0.2 and its configuration of the validator (identifiers, levels).
"""

from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

from msgspec.structs import replace

from tallystick.canonical import Invoice, Severity
from tallystick.rules.en16931 import EuropeanProfile, Syntax, european
from tallystick.rules.lexical import normal
from tallystick.rules.peppol import codes

from .xrechnung import ALIASES, CVD, EXTENSION, XRECHNUNG

RuleChoice = Literal["peppol", "en16931", "xrechnung"]

EN16931: Final = "urn:cen.eu:en16931:2017"
BILLING: Final = f"{EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
SELF_BILLING: Final = f"{EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0"

BILLING_PROCESS: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
SELF_BILLING_PROCESS: Final = "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0"

_WITH_RESPONSE: Final = "urn:peppol:bis:billing_with_response"
_FRENCH: Final = frozenset(
    {
        "urn:peppol:france:billing:regulated",
        "urn:peppol:france:billing:non-regulated",
    }
)
_GERMAN: Final = frozenset({"DE"})

Levels: TypeAlias = tuple[tuple[str, Severity], ...]

_CII_LEVELS: Final[Levels] = (("BR-51", "error"),)
_GERMAN_LEVELS: Final[Levels] = (("BR-CL-21", "warning"), ("BR-CL-23", "warning"))
_EXTENSION_LEVELS: Final[Levels] = tuple(
    (number, "info") for number in ("BR-CL-10", "BR-CL-11", "BR-CL-21", "BR-CL-24", "BR-CL-25", "BR-CL-26")
)
_EXTENSION_LEVELS_IN_UBL: Final[Levels] = (("BR-CO-16", "info"),)
_VEHICLE_LEVELS: Final[Levels] = (("BR-CL-13", "info"),)
"""The levels that a publisher's configuration gives to rules of others. What XRechnung says of the network's
rules stands in its table."""

PLAIN: Final[EuropeanProfile] = european("EN 16931", ("en16931",), specification=EN16931, edition="1.3.16")
PEPPOL_BILLING: Final[EuropeanProfile] = european(
    "Peppol BIS Billing 3",
    ("en16931", "peppol", "peppol-national"),
    specification=BILLING,
    process=BILLING_PROCESS,
    processes=_FRENCH | {BILLING_PROCESS, _WITH_RESPONSE},
    typed_processes=_FRENCH | {BILLING_PROCESS, _WITH_RESPONSE},
    invoice_types=codes.INVOICE_TYPES,
    credit_note_types=codes.CREDIT_NOTE_TYPES,
    note_lands=_GERMAN,
    edition="3.0.21",
)
PEPPOL_SELF_BILLING: Final[EuropeanProfile] = european(
    "Peppol BIS Self-Billing 3",
    ("en16931", "peppol"),
    specification=SELF_BILLING,
    process=SELF_BILLING_PROCESS,
    processes=_FRENCH | {SELF_BILLING_PROCESS, _WITH_RESPONSE},
    typed_processes=_FRENCH | {SELF_BILLING_PROCESS},
    invoice_types=codes.SELF_BILLED_INVOICE_TYPES,
    credit_note_types=codes.SELF_BILLED_CREDIT_NOTE_TYPES,
    note_lands=_GERMAN,
    edition="3.0.2",
)


def _plain(syntax: Syntax) -> EuropeanProfile:
    if syntax == "ubl":
        return PLAIN
    tables, levels = ("en16931", "cii-syntax"), _CII_LEVELS
    return european(
        "EN 16931 in CII", tables, specification=EN16931, syntax="cii", levels=levels, edition="1.3.16"
    )


def _german(name: str, specification: str, syntax: Syntax, levels: Levels = ()) -> EuropeanProfile:
    """A profile of XRechnung. The network's numbers for what it asks too stand beside its own."""
    tables: tuple[str, ...] = ("en16931", "xrechnung")
    levels = (*_GERMAN_LEVELS, *levels)
    if syntax == "cii":
        name, tables, levels = f"{name} in CII", (*tables, "cii-syntax"), (*levels, *_CII_LEVELS)
    elif specification == EXTENSION:
        levels = (*levels, *_EXTENSION_LEVELS_IN_UBL)
    whole = european(
        name,
        tables,
        specification=specification,
        process=BILLING_PROCESS,
        syntax=syntax,
        slacks={"HUF": Decimal("0.5")},
        levels=tuple(dict(levels).items()),
    )
    shared = {alias: whole.rules[number] for alias, number in ALIASES.items()}
    return replace(whole, rules=MappingProxyType({**whole.rules, **shared}))


_XRECHNUNGS: Final = {
    (specification, syntax): _german(name, specification, syntax, levels)
    for name, specification, levels in (
        ("XRechnung 3", XRECHNUNG, ()),
        ("XRechnung 3 extension", EXTENSION, _EXTENSION_LEVELS),
        ("XRechnung 3 CVD", CVD, _VEHICLE_LEVELS),
    )
    for syntax in get_args(Syntax)
}
_PLAINS: Final = {syntax: _plain(syntax) for syntax in get_args(Syntax)}
PROFILES: Final = (*_PLAINS.values(), PEPPOL_BILLING, PEPPOL_SELF_BILLING, *_XRECHNUNGS.values())


def profile_of(invoice: Invoice, choice: RuleChoice | None = None, syntax: Syntax = "ubl") -> EuropeanProfile:
    """The profile `invoice` asks for by its BT-24; `choice` is the sender's own wish and wins.

    A specification other than Peppol's and XRechnung's is judged as the EN 16931 document it extends or
    restricts. What is judged by Peppol's own rules is UBL whatever `syntax` says: the network's
    specification knows no other.
    """
    if choice == "en16931":
        return _PLAINS[syntax]
    named = invoice.specification_identifier
    if named is not None:
        named = normal(named)
    if choice == "xrechnung" or (choice is None and named is not None and named.startswith(XRECHNUNG)):
        said = invoice.specification_identifier
        return _XRECHNUNGS[said if said in (EXTENSION, CVD) else XRECHNUNG, syntax]
    if named is not None and named.startswith(SELF_BILLING):
        return PEPPOL_SELF_BILLING
    if named is None or named.startswith(BILLING) or choice == "peppol":
        return PEPPOL_BILLING
    return _PLAINS[syntax]
