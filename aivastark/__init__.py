"""Aivastark: the support chatbot a business trusts with its customers."""

__version__ = "0.1.0"
