"""Words that may not stand in `src/`: countries and tax authorities (standards and networks may)."""

import re

COUNTRIES = """
Afghanistan|Albania|Algeria|Andorra|Angola|Anguilla|Antarctica|Argentina|Armenia|Aruba|Australia|Austria|
Azerbaijan|Bahamas|Bahrain|Bangladesh|Barbados|Belarus|Belgium|Belize|Benin|Bermuda|Bhutan|Bolivia|
Bonaire|Bosnia|Botswana|Brazil|Brunei|Bulgaria|Burkina Faso|Burundi|Cabo Verde|Cape Verde|Cambodia|
Cameroon|Canada|Cayman Islands|Central African Republic|Chad|Chile|China|Colombia|Comoros|Congo|
Cook Islands|Costa Rica|Côte d'Ivoire|Ivory Coast|Croatia|Cuba|Curaçao|Cyprus|Czechia|Czech Republic|
Denmark|Djibouti|Dominica|Dominican Republic|Ecuador|Egypt|El Salvador|Equatorial Guinea|Eritrea|Estonia|
Eswatini|Ethiopia|Falkland Islands|Faroe Islands|Fiji|Finland|France|French Guiana|French Polynesia|
Gabon|Gambia|Georgia|Germany|Ghana|Gibraltar|Greece|Greenland|Grenada|Guadeloupe|Guam|Guatemala|Guernsey|
Guinea|Guyana|Haiti|Holy See|Honduras|Hong Kong|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|
Isle of Man|Israel|Italy|Jamaica|Japan|Jersey|Jordan|Kazakhstan|Kenya|Kiribati|Korea|Kosovo|Kuwait|
Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|Luxembourg|Macao|Madagascar|
Malawi|Malaysia|Maldives|Mali|Malta|Marshall Islands|Martinique|Mauritania|Mauritius|Mayotte|Mexico|
Micronesia|Moldova|Monaco|Mongolia|Montenegro|Montserrat|Morocco|Mozambique|Myanmar|Namibia|Nauru|Nepal|
Netherlands|New Caledonia|New Zealand|Nicaragua|Niger|Nigeria|Niue|North Macedonia|Norway|Oman|Pakistan|
Palau|Palestine|Panama|Papua New Guinea|Paraguay|Peru|Philippines|Pitcairn|Poland|Portugal|Puerto Rico|
Qatar|Réunion|Romania|Russia|Rwanda|Saint Lucia|Samoa|San Marino|Saudi Arabia|Senegal|Serbia|Seychelles|
Sierra Leone|Singapore|Slovakia|Slovenia|Solomon Islands|Somalia|South Africa|South Sudan|Spain|
Sri Lanka|Sudan|Suriname|Svalbard|Sweden|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|
Timor-Leste|Togo|Tokelau|Tonga|Trinidad|Tunisia|Turkey|Türkiye|Turkmenistan|Tuvalu|Uganda|Ukraine|
United Arab Emirates|United Kingdom|United States|Uruguay|Uzbekistan|Vanuatu|Venezuela|Viet Nam|Vietnam|
Yemen|Zambia|Zimbabwe
"""

AUTHORITIES = """
ZATCA|Fatoora|GAZT|IRP|GSTN|GSTIN|KSeF|SdI|FatturaPA|Agenzia delle Entrate|Chorus Pro|DGFiP|MyInvois|
LHDN|IRBM|myDATA|AADE|AEAT|VERI\\*FACTU|VeriFactu|TicketBAI|CFDI|SEFAZ|NF-e|NFe|SUNAT|DIAN|AFIP|ARCA|
ANAF|e-Factura|eFactura|RO e-Factura|Fawtara|JoFotara|e-Taxes|FIRS|eTIMS|EFRIS|HMRC|e-Arşiv|e-Fatura|GIB|
NTIS|Hometax|eGUI|CoreTax|DJP|InvoiceNow|IMDA|IRAS|Finanzamt|Skatteverket|Skatteetaten|Belastingdienst
"""

STANDARDS = frozenset({"pint"})
"""The last parts of strategies' names that are no authority's: standards, which `src/` may name."""

ISO_CODES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()
)


def _either(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{''.join(words.split(chr(10)))})(?![\w])")


FORBIDDEN_WORDS = _either(COUNTRIES), _either(AUTHORITIES)
