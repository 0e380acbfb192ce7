"""The gateway as `tallystick serve` runs it: one process, the bell for the workers included."""

from tallystick import settings
from tallystick.api import serve
from tallystick.worker.wake import Waker

if __name__ == "__main__":
    found = settings.load()
    serve(found, wake=Waker(found.redis_url).wake if found.redis_url else None)
