"""The publishers' real files, as an operator would bring them."""

import json
from pathlib import Path
from typing import Any

from tallystick.official import Artefacts
from tallystick.official.bringing import Brought, bring
from tallystick.official.court import Court
from tallystick.official.shelf import Shelf
from unit.formats.official import SHARED

__all__ = ["examples", "published"]


def profile(name: str) -> dict[str, Any]:
    """What the shelf's own judge knows of a profile."""
    found: dict[str, Any] = json.loads((SHARED / "oracle/profiles.json").read_text())[name]
    return found


def examples(name: str) -> list[Path]:
    """The public examples of a profile."""
    return sorted((SHARED / "official/examples" / profile(name)["examples"]).rglob("*.xml"))


async def published(shelf: Shelf, name: str, strategy: str, court: Court | None = None) -> Artefacts:
    """The files of a profile on the shelf, under its name."""
    known = profile(name)
    official = SHARED / "official"
    files = (*(path for path in known["roots"].values() if path), *known["layers"])
    brought = Brought(
        profile=name,
        strategy=strategy,
        sources=[official / path for path in files],
        within=(official,),
        version=known["version"],
        roots=tuple(known["roots"]),
        levels=known.get("levels", {}),
    )
    return await bring(shelf, brought, court=court)
