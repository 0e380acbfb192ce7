"""What the store raises. StoreUnavailable is worth another try later; a plain StoreError is not."""

__all__ = ["StoreError", "StoreUnavailable"]


class StoreError(Exception):
    """The database is not as it must be, or was asked for what it does not do."""


class StoreUnavailable(StoreError):
    """The database cannot be reached or did not answer in time, also after some tries."""
