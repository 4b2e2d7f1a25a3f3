"""Leaves: small tools that import nothing of ours."""
