"""The human pages of a receipt: what it says, and how to check that it is true. Nothing is fetched."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from tallystick.ledger import Entry

__all__ = ["page", "readme"]

_WORDS: Final = {
    "invoice.accepted": "The gateway accepted the invoice and stored it.",
    "document.built": "The document for the authority was built; its bytes can no longer change.",
    "authority.request": "A request to the authority was put on record, then sent.",
    "authority.response": "The authority answered.",
    "authority.no_answer": "No whole answer came.",
    "authority.outcome_unknown": "It is not known whether the authority took the document.",
    "authority.retry_scheduled": "The authority did not take it; the same bytes will be sent again.",
    "authority.unreachable": "The authority could not be reached; nothing was sent.",
    "authority.pending": "The authority has the document and has not decided yet.",
    "authority.absent": "The authority does not have the document; it will be sent.",
    "authority.cleared": "The authority cleared the invoice.",
    "authority.reported": "The authority has the report.",
    "authority.registered": "The authority registered the invoice.",
    "authority.accepted": "The document was accepted.",
    "authority.rejected": "The document was rejected.",
    "authority.conflict": "The authority holds other content under this identity.",
    "authority.not_required": "No authority needs to see this document; it was signed and stored.",
    "official.agreed": "The publisher's own rules came to our verdict on it.",
    "official.disagreed": "The publisher's own rules judged it otherwise than we did.",
    "official.failed": "The publisher's own rules could not be run on it.",
    "submission.parked": "Sending was put off.",
    "submission.resumed": "Sending was resumed.",
    "submission.taken_up": "Work on it went on.",
    "submission.failed": "The gateway failed before anything was sent; it will try again.",
    "submission.recovered": "The worker on it was lost; it will be tried again.",
    "submission.halted": "The authority refused our credential or configuration.",
    "submission.dead_lettered": "Tries are over; a person must look at it.",
    "submission.replayed": "A person had it tried again.",
    "submission.resolved": "A person decided the outcome.",
    "act.requested": "An act on the document was asked for, such as to cancel it.",
    "act.built": "The request of the act was built; its bytes can no longer change.",
    "act.accepted": "The authority did it; the document stays in force.",
    "act.refused": "The authority refused the act; the document stays as it is.",
    "act.conflict": "The authority holds another act under this identity.",
    "act.outcome_unknown": "It is not known whether the authority did it.",
    "act.retry_scheduled": "The authority did not take the act; the same bytes will be sent again.",
    "act.unreachable": "The authority could not be reached; nothing was sent.",
    "act.pending": "The authority has the act and has not decided yet.",
    "act.absent": "The authority does not know of the act; it will be sent.",
    "act.parked": "Sending the act was put off.",
    "act.resumed": "Sending the act was resumed.",
    "act.taken_up": "Work on the act went on.",
    "act.failed": "The gateway failed before the act was sent; it will try again.",
    "act.recovered": "The worker on the act was lost; it will be tried again.",
    "act.halted": "The authority refused our credential or configuration.",
    "act.dead_lettered": "Tries of the act are over; a person must look at it.",
    "act.replayed": "A person had the act tried again.",
    "act.resolved": "A person decided what became of the act.",
    "authority.cancelled": "The authority cancelled the document: it is no longer in force.",
}
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.4rem;"
    "text-align:left;vertical-align:top}code{font-size:.85em;word-break:break-all}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}td,th{border-color:#444}}"
)


def readme(verifier_sha256: str) -> bytes:
    """How to check the receipt, in the words of whoever has to."""
    return f"""This is an audit receipt. It holds the whole recorded story of one invoice: what was accepted,
the exact bytes that were sent, every request and every answer, in order.

To check it you need Python 3.9 or newer, no network, and two things that you must NOT take from this file:
the gateway's public ledger key and the verifier's digest. Ask whoever runs the gateway for both, or read
them at its address under /v1/keys and /v1/verifier.

  1. The SHA-256 of verify.py must be the published one:
     {verifier_sha256}
  2. python3 verify.py RECEIPT.zip --key KEY

It answers with one of:
  complete            everything holds, and the last entry ends the story
  open                everything holds, but the story was not at its end when the receipt was made
  broken: where       something was changed, left out or added
  signature unknown   consistent, but not signed by the key you gave

Files: entries/ the log, one file an entry, exactly as it was hashed; objects/ the bytes the entries speak
of; summary.html and summary.json for reading (the verifier trusts neither); statement.note the signature;
MANIFEST the digest of every file.
""".encode()


def page(summary: Mapping[str, Any], entries: Sequence[Entry]) -> bytes:
    """The story as one HTML page."""
    facts = "".join(
        f"<tr><th>{escape(name.replace('_', ' '))}</th><td><code>{escape(str(value))}</code></td></tr>"
        for name, value in summary.items()
        if value is not None
    )
    rows = "".join(_row(entry) for entry in entries)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Receipt of invoice {escape(str(summary['invoice_number']))}</title><style>{_STYLE}</style>"
        f"<h1>Receipt of invoice {escape(str(summary['invoice_number']))}</h1>"
        "<p>This page is for reading. What proves anything is the verifier's answer: see README.txt.</p>"
        f"<table>{facts}</table><h2>What happened</h2>"
        f"<table><tr><th>#<th>When (UTC)<th>What<th>Evidence</tr>{rows}</table></html>"
    ).encode()


def _row(entry: Entry) -> str:
    links = "<br>".join(
        f'<a href="objects/{escape(ref.digest[:16])}-{escape(ref.name)}">{escape(ref.name)}</a> '
        f"({ref.size} bytes)"
        for ref in entry.objects
    )
    said = escape(_WORDS.get(entry.event, entry.event))
    where = f"<br><code>{escape(entry.endpoint)}</code>" if entry.endpoint else ""
    answer = entry.data.get("http_status")
    status = f"<br>HTTP {escape(str(answer))}" if answer is not None else ""
    at = escape(entry.at.replace("T", " ").rstrip("Z"))
    return f"<tr><td>{entry.stream_seq}<td>{at}<td>{said}{where}{status}<td>{links}</tr>"
