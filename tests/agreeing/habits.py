"""What European invoices say, rightly and wrongly: numbers, schemes, codes and words to spoil one with."""

from typing import Final

NATIONS: Final = "DE DK SE NO IT NL GR IS".split()
TAX_NUMBERS: Final = (
    "DE123456789",
    "DK12345678",
    "SE556036079301",
    "SE55603607930",
    "SE5560360793XX",
    "NO974760673MVA",
    "NO974760674MVA",
    "NO974760673",
    "IT01234567890",
    "NL123456789B01",
    "NL123456789",
    "EL094259216",
    "EL094259217",
    "EL0942592161",
    "GR094259216",
    "el094259216",
    " EL094259216",
    "IS12345",
    "E",
    "A 1",
    "XX1",
)
REGISTRATIONS: Final = (
    "Foretaksregisteret",
    "Godkänd för F-skatt",
    " godkänd  för F-skatt ",
    "12/345/67890",
    "RSSMRA80A01H501U",
    "ABC",
)
IDENTIFIERS: Final = (
    "7300010000001",
    "7300010000002",
    "974760673",
    "974760674",
    "12345678",
    " 12345678",
    "DK12345678",
    "0123456789",
    "0202239951",
    "0202239952",
    "UFZ1A2",
    "RSSMRA80A01H501U",
    "01234567890",
    "IT00743110157",
    "IT00743110158",
    "FR00743110157",
    "5560360793",
    "5560360794",
    "556036079312",
    "51824753556",
    "51824753557",
    "12345678901234567890",
    "123456789012",
    "NL123456789B01",
    "NL12345678B01",
    "094259216",
    "0",
    "x",
)
SCHEMES: Final = (
    "0007 0088 0096 0106 0151 0184 0190 0192 0196 0198 0201 0208 0210 0211 0217 9907 9933 9944"
    " SEPA sepa 0002 EM 9906 9999"
).split()
MEANS: Final = "1 9 10 30 31 42 48 49 50 54 55 56 57 58 59 93 97 ZZZ 0".split()
ACCOUNTS: Final = (
    "DE89370400440532013000",
    "DE89370400440532013001",
    "de89 3704 0044 0532 0130 00",
    "GB82WEST12345698765432",
    "GB82west12345698765432",
    "1234567",
    "12345678",
    "123456789012",
    "12 34",
    "1",
    "1e5",
    "abc",
)
BRANCHES: Final = ("SE:PLUSGIRO", "SE:BANKGIRO", " SE:BANKGIRO ", "DEUTDEFF", "1234")
QUOTED: Final = (
    "04#1234567890123456",
    "04#1",
    "01#",
    "15#1234567890123456",
    "71#123456789012345",
    "73#",
    "x",
)
NUMBERINGS: Final = (
    "094259216|20/11/2026|0|1.1|A|1",
    "094259216|{day}|0|1.1|A|1",
    "094259217|{day}|0|1.1|A|1",
    "094259216|{day}|-1|9.9||",
    "094259216|{day}/x| 5 |5.1|A|1",
    "094259216|{day}|1.1|A|1",
    "094259216|{day}|0|1.1|A|1|2",
    "x|y|z|1.1|A|1",
)
KINDS: Final = "380 381 384 389 261 326 383 386 393 396 751 81 83 532 875 876 877 999 380a".split()
PROCESSES: Final = (
    "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
    "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0",
    "urn:peppol:bis:billing_with_response",
    "urn:peppol:france:billing:regulated",
    "urn:peppol:france:billing:non-regulated",
    " urn:peppol:bis:billing_with_response ",
    "urn:other",
)
DESCRIPTIONS: Final = ("##M.AR.K##", "##INVOICE|URL##", "EINDAGI", "Timesheet")
REASONS: Final = ("ZZZ", "95", "AAA", "FC", "41", "x")
WORDS: Final = ("1234", "0.25", "-0.0", "tax#one", "#tax", "tax#", "Discount")
LINKS: Final = ("https://example.com/i", "www.example.com", "a:", "ftp+x:y", "1x:y")
CONTACTS: Final[tuple[dict[str, str], ...]] = (
    {"point": "Accounts", "telephone_number": "+49 30 1234", "email_address": "a@b.de"},
    {"point": "Accounts", "telephone_number": "12", "email_address": "a b@c.de"},
    {"telephone_number": "1 2 3", "email_address": "a@b"},
    {"email_address": "a@b..de"},
    {},
)
CURRENCIES: Final = "EUR SEK DKK NOK GBP STN BGN ANG XXX CNH ISK".split()
SMALL: Final = ("0.01", "-0.01", "0.005", "0.004", "1", "-1", "0.99", "0.02", "0.021", "0.5")
