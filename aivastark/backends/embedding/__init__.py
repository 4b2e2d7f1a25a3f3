"""Text to vectors: the contract is `base.py`, its siblings are the adapters."""
