"""The model against EN 16931: every business term and group, where the standard has it, and nowhere else."""

from collections.abc import Iterator

import msgspec
import pytest

import tallystick.canonical as canonical
from tallystick.canonical import Group, Invoice
from tallystick.canonical.schema import invoice_schema
from tallystick.canonical.shape import shape_of

_ADDRESS = "line_1 line_2 line_3 city post_code country_subdivision country_code"

TERMS = {
    "": """
        invoice_number BT-1 issue_date BT-2 type_code BT-3 currency_code BT-5 tax_currency_code BT-6
        tax_point_date BT-7 tax_point_date_code BT-8 payment_due_date BT-9 buyer_reference BT-10
        project_reference BT-11 contract_reference BT-12 purchase_order_reference BT-13
        sales_order_reference BT-14
        receiving_advice_reference BT-15 despatch_advice_reference BT-16 tender_or_lot_reference BT-17
        invoiced_object_identifier BT-18 buyer_accounting_reference BT-19 payment_terms BT-20 notes BG-1
        business_process_type BT-23 specification_identifier BT-24 preceding_invoice_references
        BG-3 seller BG-4
        buyer BG-7 payee BG-10 seller_tax_representative BG-11 delivery BG-13 invoicing_period BG-14
        payment_instructions BG-16 allowances BG-20 charges BG-21 document_totals BG-22 tax_breakdown BG-23
        supporting_documents BG-24 lines BG-25""",
    "notes": "subject_code BT-21 content BT-22",
    "preceding_invoice_references": "reference BT-25 issue_date BT-26",
    "seller": """
        name BT-27 trading_name BT-28 identifiers BT-29 legal_registration_identifier BT-30
        tax_identifier BT-31
        tax_registration_identifier BT-32 additional_legal_information BT-33 electronic_address BT-34
        postal_address BG-5 contact BG-6""",
    "seller/postal_address": "line_1 BT-35 line_2 BT-36 line_3 BT-162 city BT-37 post_code BT-38 "
    "country_subdivision BT-39 country_code BT-40",
    "seller/contact": "point BT-41 telephone_number BT-42 email_address BT-43",
    "buyer": """
        name BT-44 trading_name BT-45 identifiers BT-46 legal_registration_identifier BT-47
        tax_identifier BT-48
        electronic_address BT-49 postal_address BG-8 contact BG-9""",
    "buyer/postal_address": "line_1 BT-50 line_2 BT-51 line_3 BT-163 city BT-52 post_code BT-53 "
    "country_subdivision BT-54 country_code BT-55",
    "buyer/contact": "point BT-56 telephone_number BT-57 email_address BT-58",
    "payee": "name BT-59 identifiers BT-60 legal_registration_identifier BT-61",
    "seller_tax_representative": "name BT-62 tax_identifier BT-63 postal_address BG-12",
    "seller_tax_representative/postal_address": "line_1 BT-64 line_2 BT-65 line_3 BT-164 city BT-66 "
    "post_code BT-67 country_subdivision BT-68 country_code BT-69",
    "delivery": "deliver_to_party_name BT-70 deliver_to_location_identifier BT-71 actual_delivery_date BT-72 "
    "deliver_to_address BG-15",
    "delivery/deliver_to_address": "line_1 BT-75 line_2 BT-76 line_3 BT-165 city BT-77 post_code BT-78 "
    "country_subdivision BT-79 country_code BT-80",
    "invoicing_period": "start_date BT-73 end_date BT-74",
    "payment_instructions": """
        payment_means_type_code BT-81 payment_means_text BT-82 remittance_information BT-83
        credit_transfers BG-17
        payment_card BG-18 direct_debit BG-19""",
    "payment_instructions/credit_transfers": "payment_account_identifier BT-84 payment_account_name BT-85 "
    "payment_service_provider_identifier BT-86",
    "payment_instructions/payment_card": "primary_account_number BT-87 holder_name BT-88",
    "payment_instructions/direct_debit": "mandate_reference_identifier BT-89 "
    "bank_assigned_creditor_identifier BT-90 debited_account_identifier BT-91",
    "allowances": "amount BT-92 base_amount BT-93 percentage BT-94 tax_category_code BT-95 tax_rate BT-96 "
    "reason BT-97 reason_code BT-98",
    "charges": "amount BT-99 base_amount BT-100 percentage BT-101 tax_category_code BT-102 tax_rate BT-103 "
    "reason BT-104 reason_code BT-105",
    "document_totals": """
        sum_of_invoice_line_net_amount BT-106 sum_of_allowances BT-107 sum_of_charges BT-108
        total_amount_without_tax BT-109 total_tax_amount BT-110 total_tax_amount_in_accounting_currency BT-111
        total_amount_with_tax BT-112 paid_amount BT-113 rounding_amount BT-114
        amount_due_for_payment BT-115""",
    "tax_breakdown": """
        tax_category_taxable_amount BT-116 tax_category_tax_amount BT-117 tax_category_code BT-118
        tax_category_rate BT-119 exemption_reason_text BT-120 exemption_reason_code BT-121""",
    "supporting_documents": "reference BT-122 description BT-123 external_document_location BT-124 "
    "attached_document BT-125",
    "lines": """
        line_identifier BT-126 note BT-127 object_identifier BT-128 invoiced_quantity BT-129
        unit_of_measure_code BT-130 net_amount BT-131 purchase_order_line_reference BT-132
        buyer_accounting_reference BT-133 period BG-26 allowances BG-27 charges BG-28 price BG-29 tax BG-30
        item BG-31""",
    "lines/period": "start_date BT-134 end_date BT-135",
    "lines/allowances": "amount BT-136 base_amount BT-137 percentage BT-138 reason BT-139 reason_code BT-140",
    "lines/charges": "amount BT-141 base_amount BT-142 percentage BT-143 reason BT-144 reason_code BT-145",
    "lines/price": "item_net_price BT-146 item_price_discount BT-147 item_gross_price BT-148 "
    "base_quantity BT-149 base_quantity_unit_code BT-150",
    "lines/tax": "category_code BT-151 rate BT-152",
    "lines/item": """
        name BT-153 description BT-154 sellers_identifier BT-155 buyers_identifier BT-156
        standard_identifier BT-157
        classification_identifiers BT-158 country_of_origin BT-159 attributes BG-32""",
    "lines/item/attributes": "name BT-160 value BT-161",
}


def _typed() -> dict[str, str]:
    typed = {}
    for place, listed in TERMS.items():
        words = listed.split()
        for name, term in zip(words[::2], words[1::2], strict=True):
            typed[f"{place}/{name}".lstrip("/")] = term
    return typed


def _modelled(struct: type[msgspec.Struct], place: str = "") -> Iterator[tuple[str, str]]:
    for name, field in shape_of(struct).items():
        here = f"{place}/{name}".lstrip("/")
        if field.shape.term:
            yield here, field.shape.term
        inner = field.shape.item if field.shape.kind == "array" else field.shape
        if inner is not None and inner.struct is not None:
            yield from _modelled(inner.struct, here)


def test_every_term_of_en_16931_stands_where_the_standard_has_it() -> None:
    assert dict(_modelled(Invoice)) == _typed()


def test_no_term_of_en_16931_is_missing() -> None:
    terms = [f"BT-{number}" for number in range(1, 166) if number != 4]  # the standard has no BT-4
    groups = [f"BG-{number}" for number in range(1, 33) if number != 2]  # BG-2 stands on the invoice itself
    assert sorted(_typed().values()) == sorted(terms + groups)


def test_every_term_is_in_the_schema_with_its_id() -> None:
    definitions = invoice_schema()["$defs"]
    found = {
        extra
        for definition in definitions.values()
        for property_ in definition["properties"].values()
        for extra in (property_.get("x-bt"), property_.get("x-bg"))
    }
    assert found - {None} == set(_typed().values()) | {"BG-2"}


def test_process_control_is_marked_as_bg_2() -> None:
    properties = invoice_schema()["$defs"]["Invoice"]["properties"]
    marked = {name for name, property_ in properties.items() if property_.get("x-bg") == "BG-2"}
    assert marked == {"business_process_type", "specification_identifier"}


def _groups() -> list[type[Group]]:
    exported = (getattr(canonical, name) for name in canonical.__all__)
    return [one for one in exported if isinstance(one, type) and issubclass(one, Group)]


@pytest.mark.parametrize("group", _groups(), ids=lambda group: group.__name__)
def test_every_group_is_frozen_and_refuses_unknown_fields(group: type[Group]) -> None:
    config = group.__struct_config__
    assert (config.frozen, config.forbid_unknown_fields, config.omit_defaults) == (True, True, True)


def test_every_group_knows_its_own_id() -> None:
    places = {**dict(_modelled(Invoice)), "": ""}
    for place, term in places.items():
        if term.startswith("BG"):
            struct: type[msgspec.Struct] = Invoice
            for name in place.split("/"):
                shape = shape_of(struct)[name].shape
                inner = shape.item if shape.kind == "array" else shape
                assert inner is not None and inner.struct is not None
                struct = inner.struct
            assert issubclass(struct, Group) and struct.group == term


def test_address_fields_are_the_same_for_every_party() -> None:
    for name in ("SellerAddress", "BuyerAddress", "SellerTaxRepresentativeAddress", "DeliverToAddress"):
        assert list(shape_of(getattr(canonical, name))) == _ADDRESS.split()
