"""What every strategy must do, and the tools to try it. Shipped: a third party runs the same kit on its own.

    pytest -p tallystick.conformance.plugin --pyargs tallystick.conformance --cases DIR [--strategy NAME]

`enrolment` and `judge` need no pytest: the command line builds documents with them.
"""

from tallystick.conformance.judging import Judged, built, errors, judge, number_of
from tallystick.conformance.trial import Example, ExampleInvalid, enrolment, example_of, read_example

__all__ = [
    "Example",
    "ExampleInvalid",
    "Judged",
    "built",
    "enrolment",
    "errors",
    "example_of",
    "judge",
    "number_of",
    "read_example",
]
