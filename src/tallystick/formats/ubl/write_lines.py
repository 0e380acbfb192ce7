"""Invoice lines as UBL text: the inner loop, so constants are glued once and rare terms stand apart."""

from functools import lru_cache

from tallystick.canonical import Invoice, Item, Line, Quantity
from tallystick.formats.ubl.pen import attribute, element, number, said, scheme, special, text
from tallystick.formats.ubl.profile import Extras, Profile
from tallystick.formats.ubl.write_money import adjustment
from tallystick.formats.ubl.write_parties import identifier
from tallystick.formats.ubl.write_references import dated_period, object_reference

__all__ = ["lines"]


class _Glue:
    """What stands between the values of every line of one document, escaped and ready."""

    __slots__ = (
        "amount",
        "currency",
        "end",
        "is_credit_note",
        "price",
        "quantities",
        "quantity",
        "scheme",
        "start",
    )

    def __init__(self, currency: str, tax_scheme: str, is_credit_note: bool) -> None:
        tag, quantity, currency = "InvoiceLine", "InvoicedQuantity", attribute(currency)
        if is_credit_note:
            tag, quantity = "CreditNoteLine", "CreditedQuantity"
        self.start = f"<cac:{tag}><cbc:ID>"
        self.quantity = f"<cbc:{quantity}"
        self.quantities = f"</cbc:{quantity}>"
        self.amount = f'<cbc:LineExtensionAmount currencyID="{currency}">'
        self.scheme = f"{scheme(tax_scheme)}</cac:ClassifiedTaxCategory>"
        self.price = f'</cac:Item><cac:Price><cbc:PriceAmount currencyID="{currency}">'
        self.end = f"</cac:{tag}>"
        self.currency = currency
        self.is_credit_note = is_credit_note


_glue = lru_cache(maxsize=64)(_Glue)


def lines(invoice: Invoice, profile: Profile, first: int, end: int, *, is_credit_note: bool) -> list[str]:
    """Each line of the invoice from the one at `first` up to `end` as one piece of text."""
    glue = _glue(invoice.currency_code, profile.tax_scheme, is_credit_note)
    extras = profile.extras
    if extras is not None:
        return [_full_line(line, glue, extras) for line in invoice.lines[first:end]]
    return [
        _full_line(line, glue, None) if _has_more(line) else _usual_line(line, glue)
        for line in invoice.lines[first:end]
    ]


def _has_more(line: Line) -> bool:
    """Whether the line says anything that `_usual_line` does not write."""
    item, price = line.item, line.price
    return (
        line.note is not None
        or line.net_amount is None
        or line.buyer_accounting_reference is not None
        or line.period is not None
        or line.purchase_order_line_reference is not None
        or line.object_identifier is not None
        or line.tax.rate is None
        or item.description is not None
        or item.buyers_identifier is not None
        or item.standard_identifier is not None
        or item.country_of_origin is not None
        or price.base_quantity_unit_code is not None
        or price.item_price_discount is not None
        or price.item_gross_price is not None
        or bool(item.classification_identifiers or item.attributes)
    )


def _usual_line(line: Line, glue: _Glue) -> str:
    """A line without the terms that few have, in one piece: what `_full_line` writes of it, and sooner."""
    item, tax, price = line.item, line.tax, line.price
    identifier, unit, kind = line.line_identifier, line.unit_of_measure_code, tax.category_code
    name, sellers, base = item.name, item.sellers_identifier, price.base_quantity
    quantity, net = str(line.invoiced_quantity), str(line.net_amount)
    rate, each = str(tax.rate), str(price.item_net_price)
    if "E" in f"{quantity}{net}{rate}{each}" or not unit.isalnum():
        return _full_line(line, glue, None)
    if special(f"{identifier}{name}{kind}{'' if sellers is None else sellers}"):
        return _full_line(line, glue, None)
    sold = ""
    if sellers is not None:
        sold = f"<cac:SellersItemIdentification><cbc:ID>{sellers}</cbc:ID></cac:SellersItemIdentification>"
    return (
        f'{glue.start}{identifier}</cbc:ID>{glue.quantity} unitCode="{unit}">{quantity}{glue.quantities}'
        f"{glue.amount}{net}</cbc:LineExtensionAmount>"
        f"{_adjustments(line, '', glue) if line.allowances or line.charges else ''}"
        f"<cac:Item><cbc:Name>{name}</cbc:Name>{sold}<cac:ClassifiedTaxCategory><cbc:ID>{kind}</cbc:ID>"
        f"<cbc:Percent>{rate}</cbc:Percent>{glue.scheme}{glue.price}{each}</cbc:PriceAmount>"
        f"{'' if base is None else _base_quantity(base, None)}</cac:Price>{glue.end}"
    )


def _full_line(line: Line, glue: _Glue, extras: Extras | None) -> str:
    """Any line."""
    net, cost = line.net_amount, line.buyer_accounting_reference
    unit = f' unitCode="{attribute(line.unit_of_measure_code)}"'
    references = tax = end = ""
    if extras is not None:
        unit, references, tax, end = _further(line, extras, unit)
    return (
        f"{glue.start}{text(line.line_identifier)}</cbc:ID>{element('cbc:Note', line.note)}"
        f"{glue.quantity}{unit}>{number(line.invoiced_quantity)}{glue.quantities}"
        f"{'' if net is None else f'{glue.amount}{number(net)}</cbc:LineExtensionAmount>'}"
        f"{'' if cost is None else element('cbc:AccountingCost', cost)}"
        f"{_references(line, references)}{_adjustments(line, tax, glue)}"
        f"{_item(line, glue, extras)}{_price(line, glue, extras)}{end}{glue.end}"
    )


def _further(line: Line, extras: Extras, unit: str) -> tuple[str, str, str, str]:
    """What the profile says in place of the unit, and adds: references, the tax, at the end of the line."""
    quantity = extras.quantity_attributes
    return (
        unit if quantity is None else quantity(line),
        said(extras.line_references, line),
        said(extras.line_tax, line),
        said(extras.line_end, line),
    )


def _references(line: Line, more: str) -> str:
    """Period, order line, the profile's own references, invoiced object."""
    period, order, thing = line.period, line.purchase_order_line_reference, line.object_identifier
    return (
        f"{'' if period is None else dated_period(period.start_date, period.end_date)}"
        f"{'' if order is None else _order_line(order)}{more}"
        f"{'' if thing is None else object_reference('cac:DocumentReference', thing)}"
    )


def _order_line(order: str) -> str:
    return f"<cac:OrderLineReference>{element('cbc:LineID', order)}</cac:OrderLineReference>"


def _adjustments(line: Line, tax: str, glue: _Glue) -> str:
    """Allowances, charges and the profile's tax total: in an invoice the tax stands last, else first."""
    written = tax if glue.is_credit_note else ""
    for one in line.allowances:
        written += f"{adjustment('false', one, glue.currency)}</cac:AllowanceCharge>"
    for other in line.charges:
        written += f"{adjustment('true', other, glue.currency)}</cac:AllowanceCharge>"
    return written if glue.is_credit_note else f"{written}{tax}"


def _item(line: Line, glue: _Glue, extras: Extras | None) -> str:
    """The item with its tax category; `glue.price` closes it."""
    item, tax, rate = line.item, line.tax, line.tax.rate
    description, origin = item.description, item.country_of_origin
    more = commodity = reasons = end = ""
    if extras is not None:
        more, commodity, reasons, end = _further_of_item(line, extras)
    return (
        f"<cac:Item>{'' if description is None else element('cbc:Description', description)}"
        f"<cbc:Name>{text(item.name)}</cbc:Name>{_identifications(item)}{more}"
        f"{'' if origin is None else _origin(element('cbc:IdentificationCode', origin))}"
        f"{_commodities(item, commodity) if commodity or item.classification_identifiers else ''}"
        f"<cac:ClassifiedTaxCategory><cbc:ID>{text(tax.category_code)}</cbc:ID>"
        f"{'' if rate is None else f'<cbc:Percent>{number(rate)}</cbc:Percent>'}{reasons}{glue.scheme}"
        f"{_properties(item) if item.attributes else ''}{end}"
    )


def _identifications(item: Item) -> str:
    buyers, sellers, standard = item.buyers_identifier, item.sellers_identifier, item.standard_identifier
    return (
        f"{'' if buyers is None else _identification('Buyers', element('cbc:ID', buyers))}"
        f"{'' if sellers is None else _identification('Sellers', element('cbc:ID', sellers))}"
        f"{'' if standard is None else _identification('Standard', identifier('cbc:ID', standard))}"
    )


def _further_of_item(line: Line, extras: Extras) -> tuple[str, str, str, str]:
    """What the profile adds: identifications, to the first class, behind the tax rate, and at the end."""
    return (
        said(extras.item_identifications, line),
        said(extras.commodity, line),
        said(extras.category_reasons, line),
        said(extras.item_end, line),
    )


def _identification(whose: str, value: str) -> str:
    return f"<cac:{whose}ItemIdentification>{value}</cac:{whose}ItemIdentification>"


def _origin(code: str) -> str:
    return f"<cac:OriginCountry>{code}</cac:OriginCountry>"


def _commodities(item: Item, said: str) -> str:
    """The classes; in front of the first one stands what the profile says of the commodity."""
    classes = item.classification_identifiers
    if not classes:
        return f"<cac:CommodityClassification>{said}</cac:CommodityClassification>"
    return "".join(
        [
            f"<cac:CommodityClassification>{said if place == 0 else ''}"
            f'<cbc:ItemClassificationCode listID="{attribute(one.scheme)}"'
            f"{'' if one.scheme_version is None else _version(one.scheme_version)}>{text(one.value)}"
            "</cbc:ItemClassificationCode></cac:CommodityClassification>"
            for place, one in enumerate(classes)
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


def _price(line: Line, glue: _Glue, extras: Extras | None) -> str:
    price = line.price
    base, unit = price.base_quantity, price.base_quantity_unit_code
    discount, gross = price.item_price_discount, price.item_gross_price
    return (
        f"{glue.price}{number(price.item_net_price)}</cbc:PriceAmount>"
        f"{'' if base is None and unit is None else _base_quantity(base, unit)}"
        f"{'' if discount is None and gross is None else _discount(line, glue, extras)}</cac:Price>"
    )


def _base_quantity(base: Quantity | None, unit: str | None) -> str:
    """UBL has no unit without a quantity: then the price is for 1."""
    named = "" if unit is None else f' unitCode="{attribute(unit)}"'
    return f"<cbc:BaseQuantity{named}>{'1' if base is None else number(base)}</cbc:BaseQuantity>"


def _discount(line: Line, glue: _Glue, extras: Extras | None) -> str:
    """UBL has no gross price without a discount: then the discount is 0."""
    discount, gross = line.price.item_price_discount, line.price.item_gross_price
    reason = None if extras is None else extras.price_reason
    base, currency = "", glue.currency
    if gross is not None:
        base = f'<cbc:BaseAmount currencyID="{currency}">{number(gross)}</cbc:BaseAmount>'
    return (
        "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
        f"{said(reason, line)}"
        f'<cbc:Amount currencyID="{currency}">{"0" if discount is None else number(discount)}</cbc:Amount>'
        f"{base}</cac:AllowanceCharge>"
    )
