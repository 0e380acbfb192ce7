"""HTTP/1.1 on one connection: uvicorn's reader on llhttp, held to what we promise.

What is no body (a request's head, the trailers and extensions of a chunked one) may have 64 KiB, so that
nobody fills the memory with it. A wish for another protocol (`Upgrade`, as some clients send with every
request) is passed over, which RFC 9110 section 7.8 allows, and the body that came with it is read.
"""

from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["LONGEST_HEAD", "Connection"]

LONGEST_HEAD: Final = 64 * 1024
INVALID: Final = "Invalid HTTP request received."
WISHES: Final = frozenset({b"upgrade", b"http2-settings"})


class Connection(HttpToolsProtocol):
    """Reads requests and answers 400 to what is none."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._loose = 0  # bytes that came since the last end of a head, a message, or piece of a body
        self._line = b""

    def data_received(self, data: bytes) -> None:
        """Read what has arrived."""
        self._unset_keepalive_if_required()
        self._loose += len(data)
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self.send_400_response(INVALID)
            return
        if self._loose > LONGEST_HEAD:
            self.send_400_response(INVALID)

    def _feed(self, data: bytes) -> None:
        """Let the parser read. A request that wants another protocol is read again without its wish."""
        while True:
            try:
                return self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as wish:
                data = data[wish.args[0] :]
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self.parser.feed_data(self._without_wish())

    def _without_wish(self) -> bytes:
        """The head that was just read, asking for nothing but HTTP/1.1."""
        lines = [self._line]
        for name, value in self.headers:
            if name == b"connection":
                tokens = [token.strip() for token in value.split(b",")]
                kept = b", ".join(token for token in tokens if token.lower() not in WISHES)
                lines.append(name + b": " + kept)
            elif name not in WISHES:
                lines.append(name + b": " + value)
        return b"\r\n".join([*lines, b"", b""])

    def on_headers_complete(self) -> None:
        """Begin to answer, unless the request has to be read again."""
        self._loose = 0
        if not self.parser.should_upgrade():
            return super().on_headers_complete()
        method = self.parser.get_method()
        if method == b"CONNECT":
            raise ValueError("we are no proxy")
        self._line = b"%s %s HTTP/%s" % (method, self.url, self.parser.get_http_version().encode())
        return None

    def on_body(self, body: bytes) -> None:
        """Hand on a piece of the body."""
        self._loose = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Hand on that the body is whole."""
        self._loose = 0
        if not self.parser.should_upgrade():
            super().on_message_complete()
