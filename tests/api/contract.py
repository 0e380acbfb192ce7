"""schemathesis in a process of its own against the API behind real HTTP.

Left out is `positive_data_acceptance`: whether an invoice that fits its schema also adds up is beyond any
schema. The key that asks is not offered for revocation, because nothing would follow.
"""

import os
import subprocess
import sys
from pathlib import Path

from api.serving import Served

LEFT_OUT = "positive_data_acceptance"
CONFIGURATION = """
[checks.missing_required_header]
expected-statuses = [400, 401, 403, 406, 415, 422, 428]

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 428, 429]
"""


def contract(running: Served, folder: Path, examples: int, phases: str, seed: int) -> tuple[int, str]:
    """Run schemathesis in a process of its own; its exit code and what it said."""
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    command = [
        Path(sys.executable).with_name("schemathesis"),
        f"--config-file={folder / 'schemathesis.toml'}",
        "run",
        f"{running.url}/openapi.json",
        f"--header=Authorization: Bearer {running.key}",
        "--checks=all",
        f"--exclude-checks={LEFT_OUT}",
        f"--phases={phases}",
        f"--max-examples={examples}",
        f"--seed={seed}",
        "--exclude-operation-id=revokeApiKey",
        "--suppress-health-check=all",
        "--warnings=off",
        "--continue-on-failure",
        "--no-color",
    ]
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout[-20_000:] + done.stderr[-2_000:]
