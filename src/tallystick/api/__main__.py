"""`python -m tallystick.api > docs/openapi.json` writes the committed copy of the OpenAPI document."""

import sys

from tallystick import strategies
from tallystick.api.app import create_app
from tallystick.api.documents import Documents
from tallystick.api.routing import routes_of
from tallystick.settings import Settings

sys.stdout.buffer.write(Documents(routes_of(create_app(Settings())), strategies.load()).openapi)
