"""Who takes part: seller, buyer, payee and the seller's tax representative, with address and contact."""

from typing import Annotated, ClassVar

from msgspec import field

from tallystick.canonical.regime import RegimeData
from tallystick.canonical.terms import CountryCode, Group, Identifier, SchemedIdentifier, bg, bt


class PostalAddress(Group, frozen=True, kw_only=True):
    """A postal address. Each party's own subclass names the terms it stands for."""

    line_1: str | None = None
    line_2: str | None = None
    line_3: str | None = None
    city: str | None = None
    post_code: str | None = None
    country_subdivision: str | None = None
    country_code: CountryCode


class SellerAddress(PostalAddress, frozen=True, kw_only=True):
    """BG-5: where the seller is."""

    group: ClassVar[str] = "BG-5"

    line_1: Annotated[str | None, bt("BT-35", "Main address line, usually street and number.")] = None
    line_2: Annotated[str | None, bt("BT-36", "Second address line.")] = None
    line_3: Annotated[str | None, bt("BT-162", "Third address line.")] = None
    city: Annotated[str | None, bt("BT-37", "City, town or village.")] = None
    post_code: Annotated[str | None, bt("BT-38", "Postal code.")] = None
    country_subdivision: Annotated[str | None, bt("BT-39", "Region, county, state or province.")] = None
    country_code: Annotated[CountryCode, bt("BT-40", "Country code.")]


class BuyerAddress(PostalAddress, frozen=True, kw_only=True):
    """BG-8: where the buyer is."""

    group: ClassVar[str] = "BG-8"

    line_1: Annotated[str | None, bt("BT-50", "Main address line, usually street and number.")] = None
    line_2: Annotated[str | None, bt("BT-51", "Second address line.")] = None
    line_3: Annotated[str | None, bt("BT-163", "Third address line.")] = None
    city: Annotated[str | None, bt("BT-52", "City, town or village.")] = None
    post_code: Annotated[str | None, bt("BT-53", "Postal code.")] = None
    country_subdivision: Annotated[str | None, bt("BT-54", "Region, county, state or province.")] = None
    country_code: Annotated[CountryCode, bt("BT-55", "Country code.")]


class SellerTaxRepresentativeAddress(PostalAddress, frozen=True, kw_only=True):
    """BG-12: where the seller's tax representative is."""

    group: ClassVar[str] = "BG-12"

    line_1: Annotated[str | None, bt("BT-64", "Main address line, usually street and number.")] = None
    line_2: Annotated[str | None, bt("BT-65", "Second address line.")] = None
    line_3: Annotated[str | None, bt("BT-164", "Third address line.")] = None
    city: Annotated[str | None, bt("BT-66", "City, town or village.")] = None
    post_code: Annotated[str | None, bt("BT-67", "Postal code.")] = None
    country_subdivision: Annotated[str | None, bt("BT-68", "Region, county, state or province.")] = None
    country_code: Annotated[CountryCode, bt("BT-69", "Country code.")]


class DeliverToAddress(PostalAddress, frozen=True, kw_only=True):
    """BG-15: where goods or services are delivered to."""

    group: ClassVar[str] = "BG-15"

    line_1: Annotated[str | None, bt("BT-75", "Main address line, usually street and number.")] = None
    line_2: Annotated[str | None, bt("BT-76", "Second address line.")] = None
    line_3: Annotated[str | None, bt("BT-165", "Third address line.")] = None
    city: Annotated[str | None, bt("BT-77", "City, town or village.")] = None
    post_code: Annotated[str | None, bt("BT-78", "Postal code.")] = None
    country_subdivision: Annotated[str | None, bt("BT-79", "Region, county, state or province.")] = None
    country_code: Annotated[CountryCode, bt("BT-80", "Country code.")]


class Contact(Group, frozen=True, kw_only=True):
    """A person or department to turn to. Each party's own subclass names the terms it stands for."""

    point: str | None = None
    telephone_number: str | None = None
    email_address: str | None = None


class SellerContact(Contact, frozen=True, kw_only=True):
    """BG-6: whom to ask at the seller."""

    group: ClassVar[str] = "BG-6"

    point: Annotated[str | None, bt("BT-41", "Person or department.")] = None
    telephone_number: Annotated[str | None, bt("BT-42", "Telephone number.")] = None
    email_address: Annotated[str | None, bt("BT-43", "E-mail address.")] = None


class BuyerContact(Contact, frozen=True, kw_only=True):
    """BG-9: whom to ask at the buyer."""

    group: ClassVar[str] = "BG-9"

    point: Annotated[str | None, bt("BT-56", "Person or department.")] = None
    telephone_number: Annotated[str | None, bt("BT-57", "Telephone number.")] = None
    email_address: Annotated[str | None, bt("BT-58", "E-mail address.")] = None


class Seller(Group, frozen=True, kw_only=True):
    """BG-4: who sells, and owes the tax unless the document says otherwise."""

    group: ClassVar[str] = "BG-4"
    level: ClassVar[str] = "party"

    name: Annotated[str, bt("BT-27", "Full formal name in the register of legal entities.")]
    trading_name: Annotated[str | None, bt("BT-28", "Name it is known by, if other than its name.")] = None
    identifiers: Annotated[tuple[Identifier, ...], bt("BT-29", "Identifiers of the seller.")] = ()
    legal_registration_identifier: Annotated[
        Identifier | None, bt("BT-30", "Identifier given by the official registrar.")
    ] = None
    tax_identifier: Annotated[str | None, bt("BT-31", "VAT, GST or other tax identifier.")] = None
    tax_registration_identifier: Annotated[
        str | None, bt("BT-32", "Local tax identifier, or proof of registered tax status.")
    ] = None
    additional_legal_information: Annotated[
        str | None, bt("BT-33", "Further legal information, such as share capital.")
    ] = None
    electronic_address: Annotated[
        SchemedIdentifier | None, bt("BT-34", "Address on an electronic network; scheme of the EAS list.")
    ] = None
    postal_address: Annotated[SellerAddress, bg("BG-5", "Where the seller is.")]
    contact: Annotated[SellerContact | None, bg("BG-6", "Whom to ask at the seller.")] = None
    regime_data: RegimeData = field(default_factory=dict)


class Buyer(Group, frozen=True, kw_only=True):
    """BG-7: who buys. Name and address may only be missing when the sale is to a consumer (`b2c`)."""

    group: ClassVar[str] = "BG-7"
    level: ClassVar[str] = "party"

    name: Annotated[str | None, bt("BT-44", "Full name of the buyer; required unless `b2c`.")] = None
    trading_name: Annotated[str | None, bt("BT-45", "Name it is known by, if other than its name.")] = None
    identifiers: Annotated[tuple[Identifier, ...], bt("BT-46", "Identifiers of the buyer.")] = ()
    legal_registration_identifier: Annotated[
        Identifier | None, bt("BT-47", "Identifier given by the official registrar.")
    ] = None
    tax_identifier: Annotated[str | None, bt("BT-48", "VAT, GST or other tax identifier.")] = None
    electronic_address: Annotated[
        SchemedIdentifier | None, bt("BT-49", "Address on an electronic network; scheme of the EAS list.")
    ] = None
    postal_address: Annotated[
        BuyerAddress | None, bg("BG-8", "Where the buyer is; required unless `b2c`.")
    ] = None
    contact: Annotated[BuyerContact | None, bg("BG-9", "Whom to ask at the buyer.")] = None
    regime_data: RegimeData = field(default_factory=dict)


class Payee(Group, frozen=True, kw_only=True):
    """BG-10: who is paid, if not the seller."""

    group: ClassVar[str] = "BG-10"
    level: ClassVar[str] = "party"

    name: Annotated[str, bt("BT-59", "Name of the payee.")]
    identifiers: Annotated[tuple[Identifier, ...], bt("BT-60", "Identifiers of the payee.")] = ()
    legal_registration_identifier: Annotated[
        Identifier | None, bt("BT-61", "Identifier given by the official registrar.")
    ] = None
    regime_data: RegimeData = field(default_factory=dict)


class SellerTaxRepresentative(Group, frozen=True, kw_only=True):
    """BG-11: who owes the tax in the seller's stead."""

    group: ClassVar[str] = "BG-11"
    level: ClassVar[str] = "party"

    name: Annotated[str, bt("BT-62", "Full name of the tax representative.")]
    tax_identifier: Annotated[str, bt("BT-63", "VAT, GST or other tax identifier.")]
    postal_address: Annotated[SellerTaxRepresentativeAddress, bg("BG-12", "Where the tax representative is.")]
    regime_data: RegimeData = field(default_factory=dict)
