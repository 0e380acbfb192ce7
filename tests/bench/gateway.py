"""The real gateway: the product's own API in one process, on the address and database of the environment."""

from tallystick import settings
from tallystick.api import serve

if __name__ == "__main__":
    serve(settings.load())
