"""A portal's side of the talk: its keys, its signatures, its answers. The keys protect nothing.

What it says is recorded in `fixtures/in_irp`; `python -m unit.strategies.in_irp.talks` (from `tests/`)
records it anew.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tallystick.formats.sealing import sealed

LOGIN_PRIMES: Final = (
    0xF2EA3E3CCAC7867F60C7D614AA7CDD47D980B239CBC70D631D9EC725A5EEAF090F6C61D92DD5A8A7EF024260BB66914FBF568FC22E58A2E84DBCBA0AF75F9369DA55A7A43662C8AB35D10763E3886EA5C8B68D51D093FE9C2034A31195B350779284398E6E17400CC00F5779AC471ADB9229C54D8686FD993033C665EA70A44B,
    0xB766A862F70313462D8CB2C28FCC6161F9522249F9D0EB3CCD3553199D938A80C9C88E42490DB964310FB1F87E25BCCCF0E1EDD63499469585DC9B6D1B29DEBE814F826CEEAFA389C02B3C7DE063568A0EE784D640A64EA12CAA548CD9DEDDD18B1281B30FB416E12A92235286665A22C756D373DCA8E72E5EBE4D23A9AB94B3,
)
SIGNING_PRIMES: Final = (
    0xC5F984AB1B018BE11F8A5EB061558904D1D9E6A522B822DFBDC4D05B6D73B90360F3083E264ED44EBB993115CA183E842A499490BCE407679EE5A5A62FFD11B58F6E77DECF39A9A8AD3D0B30D176016CC5131F707B8BF1542FEAF094A041CC97DA529491D9CA91A675644932B771C837316FD0DF11DEC2E9651E77E44ADC522B,
    0xBAF1364052E99CB3A0049B88D233B76759343CF7552EB6D94071E58E1AFD07EDEA64016B3E4E39CBB3F3088D6DF456AF8CC5E7CEDE51D38A753955B2DA6530709D6A9B3E8F60AAB9648D50BA7916F366AF17A690572A58AB8DDD99E77D8052BB7DDD279E98FB9D308784FFE07DF35BB8D759533EABD2102C8D2F22F2ECC3671B,
)
EXPONENT: Final = 65537

SEK: Final = hashlib.sha256(b"a session key of the trial").digest()
TOKEN: Final = "trial-token-7f31c0aa52d94b"  # worth nothing
ACK_NO: Final = 122610049983351
ACK_DATE: Final = "2026-10-05 17:41:09"


def key_of(primes: tuple[int, int]) -> rsa.RSAPrivateKey:
    """The private key of two primes."""
    p, q = primes
    n, d = p * q, pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, n),
    )
    return numbers.private_key()


LOGIN: Final = key_of(LOGIN_PRIMES)
SIGNING: Final = key_of(SIGNING_PRIMES)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """The public half as PEM."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()


def kid_of(key: rsa.RSAPrivateKey) -> str:
    """A name for a key, as long as those of real portals."""
    return hashlib.sha256(public_pem(key).encode()).hexdigest()[:40].upper()


def signed(
    data: Mapping[str, Any],
    key: rsa.RSAPrivateKey = SIGNING,
    kid: str = "",
    alg: str = "RS256",
    issuer: str = "Trial Portal",
) -> str:
    """A token as the portal signs it: the data as JSON text inside JSON."""
    return signed_text(dumped({"data": dumped(data), "iss": issuer}), key, kid, alg)


def signed_text(payload: str, key: rsa.RSAPrivateKey = SIGNING, kid: str = "", alg: str = "RS256") -> str:
    """A token over any payload."""
    kid = kid or kid_of(key)
    thumb = _base64url(bytes.fromhex(kid)) if len(kid) == 40 else ""
    head = {"alg": alg, "kid": kid, "x5t": thumb, "typ": "JWT"}
    parts = ".".join(_base64url(part.encode()) for part in (dumped(head), payload))
    signature = key.sign(parts.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{parts}.{_base64url(signature)}"


def dumped(value: Any) -> str:
    """JSON with exact decimals."""
    return json.dumps(_numbers(value), separators=(",", ":"), ensure_ascii=True)


def record(
    document: bytes,
    irn: str,
    key: rsa.RSAPrivateKey = SIGNING,
    *,
    issuer: str = "Trial Portal",
    **changes: Any,
) -> dict[str, Any]:
    """What the portal keeps of a document: number, acknowledgement, both tokens. `changes` to the record."""
    content = json.loads(document)
    copy = {"AckNo": ACK_NO, "AckDt": ACK_DATE, "Irn": irn, **content}
    copy["ItemList"] = [{"ItemNo": 0, **item} for item in content["ItemList"]]
    code = {
        "SellerGstin": content["SellerDtls"]["Gstin"],
        "BuyerGstin": content["BuyerDtls"]["Gstin"],
        "DocNo": content["DocDtls"]["No"],
        "DocTyp": content["DocDtls"]["Typ"],
        "DocDt": content["DocDtls"]["Dt"],
        "TotInvVal": content["ValDtls"]["TotInvVal"],
        "ItemCnt": len(content["ItemList"]),
        "MainHsnCode": content["ItemList"][0]["HsnCd"],
        "Irn": irn,
        "IrnDt": ACK_DATE,
    }
    found = {
        "AckNo": ACK_NO,
        "AckDt": f"{ACK_DATE[:-2]}00",
        "Irn": irn,
        "SignedInvoice": signed(copy, key, issuer=issuer),
        "SignedQRCode": signed(code, key, issuer=issuer),
        "Status": "ACT",
        "EwbNo": None,
        "EwbDt": None,
        "EwbValidTill": None,
        "Remarks": None,
    }
    return {**found, **changes}


def good(data: Any, remarks: Any = None, key: bytes = SEK) -> dict[str, Any]:
    """A good answer, its data under the session's key."""
    text = base64.b64encode(sealed(dumped(data).encode(), key)).decode()
    return {"Status": 1, "Data": text, "ErrorDetails": None, "InfoDtls": remarks}


def refused(*errors: tuple[str, str], encoding: str = "list", remarks: Any = None) -> dict[str, Any]:
    """A refusal, its errors in one of the three encodings: list, text, base64."""
    listed = [{"ErrorCode": code, "ErrorMessage": text} for code, text in errors]
    said: Any = listed if encoding == "list" else json.dumps(listed)
    if encoding == "base64":
        said = base64.b64encode(said.encode()).decode()
    return {"Status": 0, "Data": None, "ErrorDetails": said, "InfoDtls": remarks}


def session(app_key: bytes, token: str = TOKEN, ends: str = "2026-10-05 23:30:00") -> dict[str, Any]:
    """The answer to a login: the token, and the session's key under that of the login."""
    data = {
        "ClientId": "trial-client",
        "UserName": "trial_user",
        "AuthToken": token,
        "Sek": base64.b64encode(sealed(SEK, app_key)).decode(),
        "TokenExpiry": ends,
    }
    return {"Status": 1, "Data": data, "ErrorDetails": None, "InfoDtls": None}


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_numbers(member) for member in value]
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
