"""Everything a deployment swaps. `base.py` in each folder is the contract, its siblings the adapters."""
