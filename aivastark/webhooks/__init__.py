"""Webhooks: facts of a project, told to the customer's own servers."""
