"""Why no VAT is charged: the codes VATEX-SA, the category each belongs to, and what each means.

Source: XML Implementation Standard 1.2 (codes and meaning) and the code lists of SDK 3.4.6. The
English texts are the list's own, but those of 32(bis) and the last four, which it does not give.
"""

from types import MappingProxyType
from typing import Final

from msgspec import Struct

__all__ = ["EDUCATION_OR_HEALTH", "EXEMPTIONS", "OUT_OF_SCOPE", "Exemption", "text_of"]


class Exemption(Struct, frozen=True):
    """A reason: the tax category it belongs to (E, Z, O) and what it says."""

    category: str
    text: str


OUT_OF_SCOPE: Final = "VATEX-SA-OOS"
EDUCATION_OR_HEALTH: Final = frozenset({"VATEX-SA-EDU", "VATEX-SA-HEA"})

EXEMPTIONS: Final = MappingProxyType(
    {
        "VATEX-SA-29": Exemption(
            "E", "Financial services mentioned in Article 29 of the VAT Regulations | الخدمات المالية"
        ),
        "VATEX-SA-29-7": Exemption(
            "E",
            "Life insurance services mentioned in Article 29 of the VAT Regulations "
            "| خدمات التأمين على الحياة",
        ),
        "VATEX-SA-30": Exemption(
            "E",
            "Real estate transactions mentioned in Article 30 of the VAT Regulations | التوريدات العقارية",
        ),
        "VATEX-SA-32": Exemption("Z", "Export of goods | صادرات السلع"),
        "VATEX-SA-32(bis)": Exemption(
            "Z", "Supply under Article 32 bis of the VAT Regulations | توريد بموجب المادة 32 مكرر"
        ),
        "VATEX-SA-33": Exemption("Z", "Export of services | صادرات الخدمات"),
        "VATEX-SA-34-1": Exemption("Z", "The international transport of Goods | النقل الدولي للسلع"),
        "VATEX-SA-34-2": Exemption("Z", "International transport of passengers | النقل الدولي للركاب"),
        "VATEX-SA-34-3": Exemption(
            "Z",
            "Services directly connected and incidental to a Supply of international passenger transport"
            " | خدمات متصلة بالنقل الدولي للركاب",
        ),
        "VATEX-SA-34-4": Exemption(
            "Z", "Supply of a qualifying means of transport | توريد وسائل النقل المؤهلة"
        ),
        "VATEX-SA-34-5": Exemption(
            "Z",
            "Any services relating to Goods or passenger transportation | خدمات متعلقة بنقل السلع أو الركاب",
        ),
        "VATEX-SA-35": Exemption("Z", "Medicines and medical equipment | الأدوية والمعدات الطبية"),
        "VATEX-SA-36": Exemption("Z", "Qualifying metals | المعادن المؤهلة"),
        "VATEX-SA-EDU": Exemption("Z", "Private education to citizen | التعليم الأهلي للمواطن"),
        "VATEX-SA-HEA": Exemption("Z", "Private healthcare to citizen | الرعاية الصحية الأهلية للمواطن"),
        "VATEX-SA-MLTRY": Exemption("Z", "Supply of qualified military goods | توريد السلع العسكرية المؤهلة"),
        "VATEX-SA-DIPLOMAT": Exemption("Z", "Supply to diplomatic missions | توريد إلى البعثات الدبلوماسية"),
        "VATEX-SA-DUTYFREE": Exemption("Z", "Supply in duty-free shops | توريد في الأسواق الحرة"),
        "VATEX-SA-ROYALDECREE": Exemption("Z", "Supply under a royal decree | توريد بموجب أمر ملكي"),
        OUT_OF_SCOPE: Exemption("O", "Not subject to VAT | غير خاضع لضريبة القيمة المضافة"),
    }
)


def text_of(code: str | None) -> str | None:
    """What a code means; None for no code and for one that nobody knows."""
    found = EXEMPTIONS.get(code.strip()) if code else None
    return found.text if found else None
