"""Sending mail: the port and its adapters."""
