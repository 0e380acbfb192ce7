"""Invoice lines as UBL text: the inner loop, so constants are glued once and rare terms stand apart."""

from functools import lru_cache

from msgspec import Struct

from tallystick.canonical import Invoice, Item, Line, Quantity
from tallystick.formats.ubl.pen import attribute, element, number, scheme, text
from tallystick.formats.ubl.profile import Extras, OfLine, Profile
from tallystick.formats.ubl.write_money import adjustment
from tallystick.formats.ubl.write_parties import identifier
from tallystick.formats.ubl.write_references import dated_period, object_reference

__all__ = ["lines"]


class _Glue(Struct, frozen=True, kw_only=True):
    """What stands between the values of every line of one document, escaped and ready."""

    start: str
    quantity: str
    end_of_quantity: str
    amount: str
    scheme: str
    price: str
    end: str
    currency: str
    is_credit_note: bool


@lru_cache(maxsize=64)
def _glue(currency: str, tax_scheme: str, is_credit_note: bool) -> _Glue:
    tag, quantity = "InvoiceLine", "InvoicedQuantity"
    if is_credit_note:
        tag, quantity = "CreditNoteLine", "CreditedQuantity"
    currency = attribute(currency)
    return _Glue(
        start=f"<cac:{tag}><cbc:ID>",
        quantity=f"<cbc:{quantity}",
        end_of_quantity=f"</cbc:{quantity}>",
        amount=f'<cbc:LineExtensionAmount currencyID="{currency}">',
        scheme=f"{scheme(tax_scheme)}</cac:ClassifiedTaxCategory>",
        price=f'</cac:Item><cac:Price><cbc:PriceAmount currencyID="{currency}">',
        end=f"</cac:{tag}>",
        currency=currency,
        is_credit_note=is_credit_note,
    )


def lines(invoice: Invoice, profile: Profile, *, is_credit_note: bool) -> list[str]:
    """Each line of the invoice as one piece of text."""
    glue = _glue(invoice.currency_code, profile.tax_scheme, is_credit_note)
    extras = profile.extras
    return [_line(line, glue, extras) for line in invoice.lines]


def _line(line: Line, glue: _Glue, extras: Extras) -> str:
    note, cost, net, end = line.note, line.buyer_accounting_reference, line.net_amount, extras.line_end
    unit = (
        f' unitCode="{attribute(line.unit_of_measure_code)}"'
        if extras.quantity_attributes is None
        else extras.quantity_attributes(line)
    )
    return (
        f"{glue.start}{text(line.line_identifier)}</cbc:ID>"
        f"{'' if note is None else f'<cbc:Note>{text(note)}</cbc:Note>'}"
        f"{glue.quantity}{unit}>{number(line.invoiced_quantity)}"
        f"{glue.end_of_quantity}"
        f"{'' if net is None else f'{glue.amount}{number(net)}</cbc:LineExtensionAmount>'}"
        f"{'' if cost is None else f'<cbc:AccountingCost>{text(cost)}</cbc:AccountingCost>'}"
        f"{_references(line, extras)}{_adjustments(line, glue, extras)}"
        f"{_item(line, glue, extras)}{_price(line, glue, extras)}"
        f"{'' if end is None else end(line)}{glue.end}"
    )


def _references(line: Line, extras: Extras) -> str:
    """Period, order line, the profile's own references, invoiced object."""
    period, order, thing = line.period, line.purchase_order_line_reference, line.object_identifier
    more = extras.line_references
    if period is None and order is None and thing is None and more is None:
        return ""
    return (
        ("" if period is None else dated_period(period.start_date, period.end_date))
        + (
            ""
            if order is None
            else f"<cac:OrderLineReference><cbc:LineID>{text(order)}</cbc:LineID></cac:OrderLineReference>"
        )
        + ("" if more is None else more(line))
        + ("" if thing is None else object_reference("cac:DocumentReference", thing))
    )


def _adjustments(line: Line, glue: _Glue, extras: Extras) -> str:
    """Allowances, charges and the profile's tax total: in an invoice the tax stands last, else first."""
    allowances, charges, tax = line.allowances, line.charges, extras.line_tax
    if not allowances and not charges and tax is None:
        return ""
    taxes = "" if tax is None else tax(line)
    written = "".join(
        [f"{adjustment('false', one, glue.currency)}</cac:AllowanceCharge>" for one in allowances]
        + [f"{adjustment('true', one, glue.currency)}</cac:AllowanceCharge>" for one in charges]
    )
    return taxes + written if glue.is_credit_note else written + taxes


def _item(line: Line, glue: _Glue, extras: Extras) -> str:
    """The item with its tax category; `glue.price` closes it."""
    item, tax = line.item, line.tax
    rate, description, origin = tax.rate, item.description, item.country_of_origin
    return (
        f"<cac:Item>{'' if description is None else element('cbc:Description', description)}"
        f"<cbc:Name>{text(item.name)}</cbc:Name>"
        f"{_identifications(item, extras, line)}"
        f"{'' if origin is None else _origin(element('cbc:IdentificationCode', origin))}"
        f"{_commodities(line, extras)}"
        f"<cac:ClassifiedTaxCategory><cbc:ID>{text(tax.category_code)}</cbc:ID>"
        f"{'' if rate is None else f'<cbc:Percent>{number(rate)}</cbc:Percent>'}"
        f"{'' if extras.category_reasons is None else extras.category_reasons(line)}{glue.scheme}"
        f"{_properties(item) if item.attributes else ''}"
        f"{'' if extras.item_end is None else extras.item_end(line)}"
    )


def _identifications(item: Item, extras: Extras, line: Line) -> str:
    buyers, sellers, standard = item.buyers_identifier, item.sellers_identifier, item.standard_identifier
    more = extras.item_identifications
    if buyers is None and sellers is None and standard is None and more is None:
        return ""
    return (
        f"{'' if buyers is None else _identification('Buyers', element('cbc:ID', buyers))}"
        f"{'' if sellers is None else _identification('Sellers', element('cbc:ID', sellers))}"
        f"{'' if standard is None else _identification('Standard', identifier('cbc:ID', standard))}"
        f"{'' if more is None else more(line)}"
    )


def _identification(whose: str, value: str) -> str:
    return f"<cac:{whose}ItemIdentification>{value}</cac:{whose}ItemIdentification>"


def _origin(code: str) -> str:
    return f"<cac:OriginCountry>{code}</cac:OriginCountry>"


def _commodities(line: Line, extras: Extras) -> str:
    """The classes; in front of the first one stands what the profile says of the commodity."""
    item = line.item
    said = "" if extras.commodity is None else extras.commodity(line)
    if item.classification_identifiers:
        return _classifications(item, said)
    return f"<cac:CommodityClassification>{said}</cac:CommodityClassification>" if said else ""


def _classifications(item: Item, said: str) -> str:
    return "".join(
        [
            f"<cac:CommodityClassification>{said if place == 0 else ''}"
            f'<cbc:ItemClassificationCode listID="{attribute(one.scheme)}"'
            f"{'' if one.scheme_version is None else _version(one.scheme_version)}>{text(one.value)}"
            "</cbc:ItemClassificationCode></cac:CommodityClassification>"
            for place, one in enumerate(item.classification_identifiers)
        ]
    )


def _version(version: str) -> str:
    return f' listVersionID="{attribute(version)}"'


def _properties(item: Item) -> str:
    return "".join(
        [
            f"<cac:AdditionalItemProperty><cbc:Name>{text(one.name)}</cbc:Name>"
            f"<cbc:Value>{text(one.value)}</cbc:Value></cac:AdditionalItemProperty>"
            for one in item.attributes
        ]
    )


def _price(line: Line, glue: _Glue, extras: Extras) -> str:
    price, reason = line.price, extras.price_reason
    base, unit = price.base_quantity, price.base_quantity_unit_code
    discount, gross = price.item_price_discount, price.item_gross_price
    return (
        f"{glue.price}{number(price.item_net_price)}</cbc:PriceAmount>"
        f"{'' if base is None and unit is None else _base_quantity(base, unit)}"
        f"{'' if discount is gross is None else _discount(line, glue, reason)}"
        "</cac:Price>"
    )


def _base_quantity(base: Quantity | None, unit: str | None) -> str:
    """UBL has no unit without a quantity: then the price is for 1."""
    named = "" if unit is None else f' unitCode="{attribute(unit)}"'
    return f"<cbc:BaseQuantity{named}>{'1' if base is None else number(base)}</cbc:BaseQuantity>"


def _discount(line: Line, glue: _Glue, reason: OfLine | None) -> str:
    """UBL has no gross price without a discount: then the discount is 0."""
    discount, gross = line.price.item_price_discount, line.price.item_gross_price
    base, currency = "", glue.currency
    if gross is not None:
        base = f'<cbc:BaseAmount currencyID="{currency}">{number(gross)}</cbc:BaseAmount>'
    return (
        "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
        f"{'' if reason is None else reason(line)}"
        f'<cbc:Amount currencyID="{currency}">{"0" if discount is None else number(discount)}</cbc:Amount>'
        f"{base}</cac:AllowanceCharge>"
    )
