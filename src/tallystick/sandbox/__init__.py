"""Stand-in authorities for trials and tests: a Peppol access point, Fatoora, the IRPs, a webhook consumer.

`serve` runs it as a process, `running` in a thread, `create` gives the application. It judges what it is
sent with its own code, remembers every instance id in its journal, and misbehaves when told to
(`tallystick.sandbox.faults`). Journal lines and answers: `access_point`, `report`; of the others see
`tallystick.sandbox.fatoora` and `tallystick.sandbox.irp`.
"""

from tallystick.sandbox.server import Running, create, endpoints, running, serve

__all__ = ["Running", "create", "endpoints", "running", "serve"]
