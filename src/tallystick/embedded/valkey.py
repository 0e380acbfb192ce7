"""Valkey's own words: how to start it and how to ask it."""

import contextlib
import socket
from pathlib import Path
from urllib.parse import quote

SOCKET = "valkey.sock"


def server(program: Path, data: Path, sockets: Path, *, fsync: bool) -> list[str]:
    """The command that starts a server which listens on a Unix socket only and keeps an append-only file."""
    return [
        *(str(program), "--port", "0", "--unixsocket", str(sockets / SOCKET), "--unixsocketperm", "700"),
        *("--dir", str(data), "--appendonly", "yes", "--appendfsync", "everysec" if fsync else "no"),
        *("--save", "", "--daemonize", "no", "--loglevel", "notice", "--logfile", ""),
    ]


def answers(sockets: Path) -> bool:
    """Whether the server answers PING; while it still loads its file, it does not."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(str(sockets / SOCKET))
        connection.sendall(b"PING\r\n")
        return connection.recv(64).startswith(b"+PONG")
    return False


def url(sockets: Path) -> str:
    """The address of this server for redis clients."""
    return f"unix://{quote(str(sockets / SOCKET), safe='/')}"
