"""Invoice lines as CII text."""

from tallystick.canonical import Invoice, Item, Line, Price, Quantity, UnitPrice, exactly
from tallystick.formats.cii.names import OBJECT_REFERENCE
from tallystick.formats.cii.pieces import identifier, number, period, wrapped
from tallystick.formats.cii.write_money import adjustment, tax
from tallystick.formats.ubl.pen import attribute, element, text

__all__ = ["lines"]


def lines(invoice: Invoice) -> list[str]:
    """Each line of the invoice as one piece of text."""
    return [_line(line) for line in invoice.lines]


def _line(line: Line) -> str:
    note = "" if line.note is None else wrapped("ram:IncludedNote", element("ram:Content", line.note))
    quantity = (
        f'<ram:BilledQuantity unitCode="{attribute(line.unit_of_measure_code)}">'
        f"{number(line.invoiced_quantity)}</ram:BilledQuantity>"
    )
    return (
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{text(line.line_identifier)}</ram:LineID>{note}</ram:AssociatedDocumentLineDocument>"
        f"{_item(line.item)}{_agreement(line)}"
        f"<ram:SpecifiedLineTradeDelivery>{quantity}</ram:SpecifiedLineTradeDelivery>"
        f"{_settlement(line)}</ram:IncludedSupplyChainTradeLineItem>"
    )


def _item(item: Item) -> str:
    characteristics = [
        f"<ram:ApplicableProductCharacteristic><ram:Description>{text(one.name)}</ram:Description>"
        f"<ram:Value>{text(one.value)}</ram:Value></ram:ApplicableProductCharacteristic>"
        for one in item.attributes
    ]
    classes = [
        "<ram:DesignatedProductClassification>"
        f'<ram:ClassCode listID="{attribute(one.scheme)}"{_version(one.scheme_version)}>{text(one.value)}'
        "</ram:ClassCode></ram:DesignatedProductClassification>"
        for one in item.classification_identifiers
    ]
    origin = wrapped("ram:OriginTradeCountry", element("ram:ID", item.country_of_origin))
    return (
        f"<ram:SpecifiedTradeProduct>{identifier('ram:GlobalID', item.standard_identifier)}"
        f"{element('ram:SellerAssignedID', item.sellers_identifier)}"
        f"{element('ram:BuyerAssignedID', item.buyers_identifier)}<ram:Name>{text(item.name)}</ram:Name>"
        f"{element('ram:Description', item.description)}{''.join(characteristics)}{''.join(classes)}{origin}"
        "</ram:SpecifiedTradeProduct>"
    )


def _version(version: str | None) -> str:
    return "" if version is None else f' listVersionID="{attribute(version)}"'


def _agreement(line: Line) -> str:
    """The buyer's order line and the price, gross where it is known, and net."""
    order = wrapped(
        "ram:BuyerOrderReferencedDocument", element("ram:LineID", line.purchase_order_line_reference)
    )
    price = line.price
    net = (
        f"<ram:NetPriceProductTradePrice><ram:ChargeAmount>{number(price.item_net_price)}</ram:ChargeAmount>"
        f"{_basis(price.base_quantity, price.base_quantity_unit_code)}</ram:NetPriceProductTradePrice>"
    )
    return f"<ram:SpecifiedLineTradeAgreement>{order}{_gross(price)}{net}</ram:SpecifiedLineTradeAgreement>"


def _gross(price: Price) -> str:
    """The gross price; where only a discount was said, what it is taken off: the syntax wants both."""
    gross, discount = price.item_gross_price, price.item_price_discount
    if gross is None and discount is None:
        return ""
    taken_off = ""
    if discount is not None:
        taken_off = (
            "<ram:AppliedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false</udt:Indicator>"
            f"</ram:ChargeIndicator><ram:ActualAmount>{number(discount)}</ram:ActualAmount>"
            "</ram:AppliedTradeAllowanceCharge>"
        )
    if gross is None:
        with exactly():
            gross = UnitPrice(price.item_net_price + (discount or 0))
    amount = f"<ram:ChargeAmount>{number(gross)}</ram:ChargeAmount>"
    return f"<ram:GrossPriceProductTradePrice>{amount}{taken_off}</ram:GrossPriceProductTradePrice>"


def _basis(quantity: Quantity | None, unit: str | None) -> str:
    """The syntax has no unit without a quantity: then the price is for 1."""
    if quantity is None and unit is None:
        return ""
    named = "" if unit is None else f' unitCode="{attribute(unit)}"'
    return f"<ram:BasisQuantity{named}>{'1' if quantity is None else number(quantity)}</ram:BasisQuantity>"


def _settlement(line: Line) -> str:
    net, time, thing = line.net_amount, line.period, line.object_identifier
    amounts = "".join(
        [adjustment("false", one) for one in line.allowances]
        + [adjustment("true", one) for one in line.charges]
    )
    total = wrapped(
        "ram:SpecifiedTradeSettlementLineMonetarySummation",
        element("ram:LineTotalAmount", None if net is None else number(net)),
    )
    reference = ""
    if thing is not None:
        reference = (
            f"<ram:AdditionalReferencedDocument>{element('ram:IssuerAssignedID', thing.value)}"
            f"<ram:TypeCode>{OBJECT_REFERENCE}</ram:TypeCode>"
            f"{element('ram:ReferenceTypeCode', thing.scheme)}</ram:AdditionalReferencedDocument>"
        )
    cost = wrapped(
        "ram:ReceivableSpecifiedTradeAccountingAccount", element("ram:ID", line.buyer_accounting_reference)
    )
    return (
        "<ram:SpecifiedLineTradeSettlement>"
        f"{tax(line.tax.category_code, line.tax.rate, 'ram:ApplicableTradeTax')}"
        f"{'' if time is None else period(time.start_date, time.end_date)}{amounts}{total}{reference}{cost}"
        "</ram:SpecifiedLineTradeSettlement>"
    )
