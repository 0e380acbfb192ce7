"""How the reader of CII tells apart what the syntax writes alike."""

import json

from tallystick.formats import cii
from tallystick.formats.namespaces import RAM_NAMESPACE, RSM_NAMESPACE


def _read(seller: str) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
    """The seller's identifiers, and what is left as the path's last step and reason."""
    agreement = f"<a:ApplicableHeaderTradeAgreement><a:SellerTradeParty>{seller}</a:SellerTradeParty>"
    body = (
        f'<r:CrossIndustryInvoice xmlns:r="{RSM_NAMESPACE}" xmlns:a="{RAM_NAMESPACE}">'
        f"<r:SupplyChainTradeTransaction>{agreement}</a:ApplicableHeaderTradeAgreement>"
        "</r:SupplyChainTradeTransaction></r:CrossIndustryInvoice>"
    )
    reading = cii.read(body.encode())
    found = json.loads(reading.invoice)["seller"]["identifiers"]
    return found, [(one.path.rpartition("/")[2], one.reason) for one in reading.unread]


def test_an_identifier_with_a_scheme_is_carried_as_a_global_one_wherever_it_stands() -> None:
    found, left = _read('<a:ID>V-1</a:ID><a:GlobalID schemeID="0088">7300010000018</a:GlobalID>')
    assert found == [{"value": "V-1"}, {"value": "7300010000018", "scheme": "0088"}]
    assert left == []


def test_a_scheme_at_an_identifier_that_has_none_in_cii_is_named() -> None:
    found, left = _read('<a:ID schemeID="0088">7300010000018</a:ID>')
    assert found == [{"value": "7300010000018", "scheme": "0088"}]
    assert left == [("@schemeID", "read as a global identifier, as one with a scheme is")]
