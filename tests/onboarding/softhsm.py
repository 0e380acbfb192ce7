"""A fresh token of SoftHSM, where it and python-pkcs11 are installed."""

import importlib.util
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tallystick.keys import Secret

__all__ = ["MISSING", "MODULE", "PIN", "token"]

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
)
MODULE = next((Path(path) for path in PLACES if Path(path).exists()), None)
PIN = Secret("canary-pin-5713")
MISSING = (
    "SoftHSM is not installed"
    if MODULE is None or shutil.which("softhsm2-util") is None
    else "the extra hsm is not installed"
    if importlib.util.find_spec("pkcs11") is None
    else ""
)
"""Why there is no token; empty when there is one."""


@cache
def token() -> str:
    """A token as a registration names it. One a process: the module looks for tokens once, when it starts."""
    folder = Path(mkdtemp(prefix="tallystick-token-"))
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    command = ["softhsm2-util", "--init-token", "--free", "--label", "till keys"]
    subprocess.run([*command, "--so-pin", "7713", "--pin", PIN.reveal()], check=True, capture_output=True)
    return "pkcs11:token=till%20keys"
