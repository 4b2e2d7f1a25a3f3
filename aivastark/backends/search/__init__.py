"""Finding chunks by words and by meaning: the contract is `base.py`, its siblings are the adapters."""
