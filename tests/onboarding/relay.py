"""A relay on loopback: passes every call on and remembers both sides; it may say back what it was told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from msgspec import Struct, field

__all__ = ["Call", "Relay", "relaying"]

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
OWN = {"transfer-encoding", "content-length", "connection", "date", "server", "content-encoding"}


class Call(Struct, frozen=True):
    """A call that was passed on, and its answer."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes
    said: str


class Relay(Struct):
    """`echoes` counts down the calls to `echoed` paths that are answered with 500 and all that was told."""

    url: str
    calls: list[Call] = field(default_factory=list)
    echoes: int = 0
    echoed: str = "/invoices/"

    @property
    def host(self) -> str:
        """As hosts are allowed."""
        return self.url.removeprefix("http://")


@contextmanager
def relaying(target: str) -> Iterator[Relay]:
    """A relay before the target, until the block ends."""
    with httpx.Client(base_url=target, trust_env=False, timeout=60) as onward:

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def passed(self) -> None:
                """Pass the call on, or say it back."""
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                if relay.echoes and relay.echoed in self.path:
                    relay.echoes -= 1
                    told = f"{self.path} {headers}".encode() + body
                    answer = httpx.Response(500, headers={"x-said": str(headers)}, content=told)
                else:
                    kept = {name: value for name, value in headers.items() if name != "host"}
                    answer = onward.request(self.command, self.path, headers=kept, content=body)
                said = f"{dict(answer.headers)}"
                relay.calls.append(Call(self.path, headers, body, answer.status_code, answer.content, said))
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    if name not in OWN:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        for method in METHODS:
            setattr(Handler, f"do_{method}", Handler.passed)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        relay = Relay(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield relay
        finally:
            server.shutdown()
            server.server_close()
            thread.join(10)
