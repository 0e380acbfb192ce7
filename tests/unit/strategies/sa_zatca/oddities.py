"""What mutants are made of: codes, numbers, texts and groups, some right, some odd, some wrong."""

from typing import Any, Final

Document = dict[str, Any]

CATEGORIES: Final = "S Z E O AE K G Q s".split()
SCHEMES: Final = "TIN CRN MOM MLS 700 SAG NAT GCC IQA PAS OTH XYZ nat".split()
IDENTIFIERS: Final = (
    "1010010000",
    "7001234560",
    "3012345670",
    "1023456780",
    "2034567890",
    "1234567890",
    "9876543210",
    "1111111111",
    "101001",
    "CRN 1010",
    "٠١٢٣٤٥٦٧٨٩",
)
VAT_NUMBERS: Final = (
    "399999999900003",
    "310122393500003",
    "300000000000003",
    "31012239350000",
    "210122393500003",
    "310122393500001",
    "SA310122393500003",
)
REASONS: Final = (
    "VATEX-SA-29",
    "VATEX-SA-29-7",
    "VATEX-SA-30",
    "VATEX-SA-32",
    "VATEX-SA-32(bis)",
    "VATEX-SA-33",
    "VATEX-SA-34-1",
    "VATEX-SA-35",
    "VATEX-SA-EDU",
    "VATEX-SA-HEA",
    "VATEX-SA-OOS",
    "VATEX-SA-ROYALDECREE",
    "VATEX-EU-AE",
    "HEA",
)
DATES: Final = (
    "1999-12-31",
    "2000-02-29",
    "2024-02-29",
    "2022-09-06",
    "2022-09-08",
    "2025-01-01",
    "2099-12-31",
    "2100-01-01",
)
TEXTS: Final = (
    "x",
    "ab",
    "NA",
    "12",
    "1234",
    "12345",
    "٣٤٥",
    "388",
    "Account 0112345678",
    "Ref 0200010",
    "<&>\"'",
    "line\nline\r\nline",
    "tab\tbed",
    " CRN",
    "S Z",
    "مؤسسة الرياض – 😀",
    "+966112345678",
    "0112345678",
    "+966 11 234 5678",
)
LENGTHS: Final = (7, 126, 127, 128, 1000, 1001, 5001)
NUMBERS: Final = (
    *"0 0.00 -1 1 0.01 0.005 -0.01 2 10.00 5 5.00 15 15.5 100 100.001 99.99 100.000 1000000".split(),
    *"-250.50 -0.00 0.5 3.333 0.125".split(),
)
CURRENCIES: Final = "SAR USD EUR KWD JPY BHD VES XXX".split()
KINDS: Final = "388 381 383 386 380 325 999".split()
MEANS: Final = "1 10 30 42 48 69 70 98 99 ZZZ".split()
NUMERIC: Final = ("amount", "price", "quantity", "rate", "percentage", "total", "sum", "discount")
FLAGS: Final = ("third_party", "nominal", "export", "summary", "self_billed", "continuous_supply")
FILE: Final = {"content": "JVBERi0xLjQ=", "mime_code": "application/pdf", "filename": "a.pdf"}
GRAFTS: Final[tuple[tuple[str, Any], ...]] = (
    ("payment_terms", "Within 30 days"),
    ("contract_reference", "C-17"),
    ("purchase_order_reference", "PO-17"),
    ("business_process_type", "reporting:1.0"),
    ("business_process_type", "billing"),
    ("tax_currency_code", "SAR"),
    ("tax_currency_code", "USD"),
    ("tax_currency_code", "VES"),
    ("payment_due_date", "2022-10-01"),
    ("tax_point_date", "2022-10-01"),
    ("exchange_rate", {"from": "USD", "to": "SAR", "rate": "3.75"}),
    ("exchange_rate", {"from": "SAR", "to": "USD", "rate": "0.266666666666"}),
    ("exchange_rate", {"from": "EUR", "to": "SAR", "rate": "4.123456789012"}),
    ("notes", [{"content": "paid"}, {"subject_code": "AAI", "content": "later"}]),
    ("preceding_invoice_references", [{"reference": "SME00002", "issue_date": "2022-09-01"}]),
    ("supporting_documents", [{"reference": "D1", "attached_document": FILE}]),
    ("supporting_documents", [{"reference": "D1", "attached_document": {**FILE, "mime_code": "image/gif"}}]),
    ("supporting_documents", [{"reference": "D1", "external_document_location": "https://seller.test/a"}]),
    ("supporting_documents", [{"reference": "D1", "description": "nothing enclosed"}]),
    ("delivery", {"actual_delivery_date": "2022-09-07"}),
    ("payee", {"name": "Factor"}),
    ("payment_instructions", [{"payment_means_type_code": "10"}]),
    (
        "payment_instructions",
        [
            {
                "payment_means_type_code": "30",
                "credit_transfers": [{"payment_account_identifier": "SA0380000000608010167519"}],
            }
        ],
    ),
)
ADJUSTMENTS: Final[tuple[Document, ...]] = (
    {"amount": "2.00"},
    {"amount": "2.00", "reason": "because", "reason_code": "FC"},
    {"amount": "2.00", "reason": "because", "reason_code": "QQQ"},
    {
        "amount": "1.00",
        "base_amount": "10.00",
        "percentage": "10.00",
        "reason": "because",
        "reason_code": "95",
    },
    {"amount": "1.01", "base_amount": "10.00", "percentage": "10.00", "reason_code": "FC"},
    {"amount": "0.13", "base_amount": "2.50", "percentage": "5.00", "reason_code": "CA"},
    {"amount": "1.00", "base_amount": "10.00"},
    {"amount": "1.00", "percentage": "10.00"},
    {"amount": "0.05", "base_amount": "9.99", "percentage": "0.505"},
    {"amount": "0.00", "reason": "nothing", "reason_code": "ZZZ"},
    {"amount": "-1.00", "reason": "less", "reason_code": "ABL"},
    {"amount": "1.00", "base_amount": "0.50", "percentage": "200", "reason": "x" * 1001},
)
TAXES: Final = (
    ("S", "15.00"),
    ("S", "5"),
    ("S", None),
    ("Z", "0"),
    ("Z", None),
    ("E", "0.00"),
    ("O", None),
    ("E", "5"),
)
PREPAYMENTS: Final[tuple[Document, ...]] = (
    {"category_code": "S", "rate": "15.00", "taxable_amount": "10.00"},
    {"category_code": "S", "rate": "15.00", "taxable_amount": "10.00", "tax_amount": "1.51"},
    {"category_code": "S", "rate": "15.00", "taxable_amount": "10.00", "tax_amount": "1.52"},
    {"category_code": "S", "rate": "5", "taxable_amount": "0.10"},
    {"category_code": "S", "taxable_amount": "10.00"},
    {"category_code": "Z", "rate": "0", "taxable_amount": "10.00", "exemption_reason_code": "VATEX-SA-32"},
    {
        "category_code": "Z",
        "rate": "0",
        "taxable_amount": "10.00",
        "exemption_reason_code": "VATEX-SA-32(bis)",
    },
    {"category_code": "Z", "rate": "0", "taxable_amount": "10.00"},
    {"category_code": "Z", "rate": "0", "taxable_amount": "10.00", "exemption_reason_code": "VATEX-SA-EDU"},
    {"category_code": "Z", "rate": "5", "taxable_amount": "10.00", "exemption_reason_code": "X"},
    {"category_code": "E", "rate": "0", "taxable_amount": "10.00", "exemption_reason_code": "VATEX-SA-32"},
    {"category_code": "E", "rate": "0", "taxable_amount": "10.00", "tax_amount": "0.01"},
    {"category_code": "E", "rate": "1", "taxable_amount": "10.00", "exemption_reason": "x" * 1001},
    {"category_code": "O", "rate": "0", "taxable_amount": "10.00", "exemption_reason_code": "VATEX-SA-OOS"},
    {"category_code": "O", "taxable_amount": "10.00"},
    {"category_code": "O", "rate": "15", "taxable_amount": "10.00"},
    {"category_code": "S", "rate": "15.00", "taxable_amount": "10.125", "tax_amount": "1.519"},
    {"category_code": "S", "rate": "15.00", "taxable_amount": "-10.00"},
    {"category_code": "Q", "rate": "15.001", "taxable_amount": "10.00", "item_name": "12"},
    {
        "category_code": "S",
        "rate": "15",
        "taxable_amount": "1.00",
        "line_identifier": "1234567",
        "unit_of_measure_code": "U" * 128,
    },
)
