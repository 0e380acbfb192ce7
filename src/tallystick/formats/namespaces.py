"""The namespaces of UN/CEFACT's Cross Industry Invoice, and the prefixes everybody gives them."""

from typing import Final

RSM_NAMESPACE: Final = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM_NAMESPACE: Final = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
QDT_NAMESPACE: Final = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
UDT_NAMESPACE: Final = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"

CII_PREFIXES: Final = {
    RSM_NAMESPACE: "rsm:",
    RAM_NAMESPACE: "ram:",
    QDT_NAMESPACE: "qdt:",
    UDT_NAMESPACE: "udt:",
}
