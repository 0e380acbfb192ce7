"""Several units of one taxpayer, units that ran elsewhere, and credentials that nobody may see."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec import json as msgspec_json

from flows.house import House
from onboarding import saudi
from tallystick.flows.administer import BadBody, TakeoverBody
from tallystick.flows.onboarding import asking
from tallystick.keys import Secret, new_private_key
from tallystick.sandbox.server import Running
from tallystick.store import store  # noqa: F401
