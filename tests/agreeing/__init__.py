"""Our rules beside the publishers' own, on the same documents: what `tests/agreement.py` is made of."""
