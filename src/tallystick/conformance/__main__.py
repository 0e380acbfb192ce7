"""`python -m tallystick.conformance NAME > docs/countries/NAME-rules.md` writes the rules as a page."""

import sys
from pathlib import Path

from tallystick.conformance.page import page_of
from tallystick.conformance.rules import RulesInvalid


def main() -> int:
    """Print the page of the strategy named on the command line."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m tallystick.conformance NAME\n")
        return 2
    try:
        sys.stdout.write(page_of(sys.argv[1], Path("fixtures")))
    except RulesInvalid as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
