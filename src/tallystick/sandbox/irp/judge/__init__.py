"""What the portal checks before it registers a document; its own code, nothing of the strategy's."""

from tallystick.sandbox.irp.judge.binding import Unbound, bound
from tallystick.sandbox.irp.judge.finding import Finding
from tallystick.sandbox.irp.judge.verdict import Customs, judged

__all__ = ["Customs", "Finding", "Unbound", "bound", "judged"]
