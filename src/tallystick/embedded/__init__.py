"""PostgreSQL 18 and Valkey from wheels, for zero set-up: `with servers() as s: s.database_url`.

Both run as our own child processes on Unix sockets; nothing is left when we end, however we end. Whoever
brings DATABASE_URL and REDIS_URL never comes here.
"""

from tallystick.embedded.errors import EmbeddedError
from tallystick.embedded.running import Servers, servers
from tallystick.embedded.sharing import Addresses, addresses

__all__ = ["Addresses", "EmbeddedError", "Servers", "addresses", "servers"]
