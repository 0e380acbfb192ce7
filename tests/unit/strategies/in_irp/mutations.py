"""Single changes of the fixtures, as a table: the case, the place, what is put there (GONE: nothing)."""

from collections.abc import Iterator
from typing import Any, Final

__all__ = ["GONE", "TABLE"]

GONE: Final = object()
Row = tuple[str, str, Any]

ITEM = "/lines/0/item"
HSN = f"{ITEM}/classification_identifiers/0/value"
PARTS = "/lines/0/tax/components"
IN = "/regime_data/in"
EWAY = f"{IN}/eway_bill"


def _texts() -> Iterator[Row]:
    for number in ("0X1", "/1", "A" * 17, "A B", "a-1", "X_1", "9", "Z/2-3"):
        yield "standard", "/invoice_number", number
    for name in ("AB", "ABC", "A" * 100, "A" * 101, 'Quo"ted', "Back\\slash", "Mills & Sons"):
        yield "standard", "/seller/name", name
        yield "standard", "/buyer/name", name
    for city in ("AB", "ABC", "A" * 50, "A" * 51, "A" * 101):
        yield "standard", "/seller/postal_address/city", city
        yield "standard", "/buyer/postal_address/city", city
    for line in ("A", "A" * 100, "A" * 101, GONE):
        yield "standard", "/seller/postal_address/line_1", line
        yield "standard", "/buyer/postal_address/line_1", line
    for name in ("AB", "A" * 300, "A" * 301, 'An "item"'):
        yield "standard", f"{ITEM}/name", name
    yield "standard", "/payment_terms", "A" * 101
    yield "standard", "/purchase_order_reference", "A" * 17
    yield "standard", "/contract_reference", "A" * 21
    yield "standard", "/lines/0/purchase_order_line_reference", "A" * 51
    yield "batches_and_attributes", f"/lines/0{IN}/batch/name", "AB"
    yield "batches_and_attributes", f"/lines/0{IN}/batch/name", "A" * 21
    yield "batches_and_attributes", f"/lines/0{IN}/batch/expiry_date", "2030-01-01"
    yield "batches_and_attributes", f"{ITEM}/attributes/0/value", "A" * 101
    for reference in ("X", "X1", "0X", "X" * 17):
        yield "credit_note", "/preceding_invoice_references/0/reference", reference


def _places() -> Iterator[Row]:
    for code in ("56005", "000000", "560 058", "400001", "999999", GONE):
        yield "standard", "/seller/postal_address/post_code", code
        yield "standard", "/buyer/postal_address/post_code", code
    for state in ("KL", "29", "Karnataka", "96", "45", "Atlantis"):
        yield "standard", "/seller/postal_address/country_subdivision", state
        yield "standard", "/buyer/postal_address/country_subdivision", state
    for place in ("29", "27", "96", "97", "45", "25"):
        yield "standard", IN, {"place_of_supply": place}
        yield "intra_state", IN, {"place_of_supply": place}
    for gstin in ("29AABCT4821K1ZX", "29AABCT4821K1Z", "AABCT4821K1Z429", "45AABCT4821K1Z4", "URP", GONE):
        yield "standard", "/seller/tax_identifier", gstin
        yield "standard", "/buyer/tax_identifier", gstin
        yield "export_with_payment", "/buyer/tax_identifier", gstin
    yield "standard", "/buyer/tax_identifier", "29AABCT4821K1Z4"
    yield "deemed_export", "/buyer/tax_identifier", "URP"
    for case in ("export_with_payment", "export_without_payment"):
        for place in ("29", "96"):
            yield case, IN, {"place_of_supply": place}


def _kinds() -> Iterator[Row]:
    for kind in ("B2B", "SEZWP", "SEZWOP", "EXPWP", "EXPWOP", "DEXP", "B2C", "XYZ"):
        for case in ("standard", "intra_state", "components_given", "export_with_payment"):
            yield case, "/supply_type", kind
    for case in ("standard", "intra_state", "export_with_payment", "sez_with_payment", "deemed_export"):
        yield case, IN, {"reverse_charge": True}
        yield case, IN, {"igst_on_intra": True}
    for code in ("380", "381", "383", "384", "389", "261"):
        yield "standard", "/type_code", code
    for day in ("2026-10-05", "2026-09-20", "2026-09-19", "2026-10-21", "2026-10-20", "2031-01-01"):
        yield "standard", "/issue_date", day
    yield "marketplace", f"{IN}/ecommerce_operator", "29AABCT4821K1Z4"
    yield "marketplace", f"{IN}/ecommerce_operator", "29AAACE8214J1CX"
    for port in ("INBOM4", "inbom4", "XXXXX1", "A", "A" * 11):
        yield "export_through_a_port", f"{IN}/export/port", port
    for country in ("US", "IN", "ZZ"):
        yield "export_through_a_port", f"{IN}/export/country", country
    yield "export_through_a_port", f"{IN}/export/currency", "ZZZ"
    yield "export_through_a_port", f"{IN}/export/shipping_bill_number", "1" * 21


def _goods() -> Iterator[Row]:
    for code in ("9031", "903180", "90318", "00000000", "998311", "99", "ABCD", "12345678"):
        yield "standard", HSN, code
        yield "services", HSN, code
    for rate in ("0", "0.1", "5", "6", "12", "15", "17", "18", "28", "40", "18.5", "100"):
        yield "standard", "/lines/0/tax/rate", rate
        yield "intra_state", "/lines/0/tax/rate", rate
    for unit in ("KGM", "XZZ", "NOS", "LTR"):
        yield "standard", "/lines/0/unit_of_measure_code", unit
    for quantity in ("0", "0.001", "-4", "9999999999", "99999999999"):
        yield "standard", "/lines/0/invoiced_quantity", quantity
    for price in ("0", "0.001", "999999999999", "9999999999999"):
        yield "standard", "/lines/0/price/item_net_price", price


def _sums() -> Iterator[Row]:
    for amount in ("1764.00", "1763.00", "1762.99", "1765.00", "1765.01", "0", "1766"):
        yield "standard", PARTS, [{"code": "IGST", "amount": amount}]
    for amount in ("0.68", "0.00", "1.99", "2.00", "2.01", "-0.50"):
        yield "components_given", f"{PARTS}/0/amount", amount
        yield "components_given", PARTS, [{"code": code, "amount": amount} for code in ("CGST", "SGST")]
    yield "standard", PARTS, [{"code": code, "amount": "882.00"} for code in ("CGST", "SGST")]
    yield "intra_state", PARTS, [{"code": "IGST", "amount": "1764.00"}]
    yield "sez_with_payment", PARTS, [{"code": code, "amount": "882.00"} for code in ("CGST", "SGST")]
    yield "export_with_payment", PARTS, [{"code": code, "amount": "882.00"} for code in ("CGST", "SGST")]
    for amount in ("400.00", "498.00", "501.00", "500.00"):
        yield "every_cess", f"{PARTS}/0/amount", amount
        yield "every_cess", f"{PARTS}/2/amount", amount
    untotalled = {"category_code": "Z", "rate": "0", "components": [{"code": "IGST", "rate": "18"}]}
    yield "standard", "/lines/0/tax", untotalled
    yield "reverse_charge", "/lines/0/tax", untotalled
    yield "state_cess", f"{PARTS}/0/additional", GONE
    yield "components_given", f"{PARTS}/1/additional", True
    yield "cess_by_value", f"{PARTS}/0/code", "SURCHARGE"
    for amount in ("10.00", "100.00", "90000.00"):
        untaxed = {"amount": amount, "tax_category_code": "O", "reason": "Rebate"}
        taxed = {"amount": amount, "tax_category_code": "S", "tax_rate": "18", "reason": "Rebate"}
        yield "standard", "/allowances", [untaxed]
        yield "standard", "/allowances", [taxed]
        yield "standard", "/charges", [untaxed]
        yield "standard", "/charges", [taxed]


def _transport() -> Iterator[Row]:
    for mode in ("1", "2", "3", "4", GONE):
        yield "eway_bill_by_road", f"{EWAY}/mode", mode
        yield "eway_bill_by_rail", f"{EWAY}/mode", mode
    for member in ("vehicle_number", "vehicle_type", "transporter_identifier", "transporter_name"):
        yield "eway_bill_by_road", f"{EWAY}/{member}", GONE
    for vehicle in ("KA1", "KA01 AB 1234", "A" * 21):
        yield "eway_bill_by_road", f"{EWAY}/vehicle_number", vehicle
    for number in ("A" * 16, "LR_1", "LR/1-2"):
        yield "eway_bill_by_rail", f"{EWAY}/document_number", number
    yield "services", IN, {"eway_bill": {"distance": 10, "transporter_identifier": "29AADCV1123P1Z1"}}
    yield "credit_note", IN, {"eway_bill": {"distance": 10, "transporter_identifier": "29AADCV1123P1Z1"}}


TABLE: Final[tuple[Row, ...]] = (
    *_texts(),
    *_places(),
    *_kinds(),
    *_goods(),
    *_sums(),
    *_transport(),
)
