"""Chat widgets: their configuration for those who run them, and the public API their visitors use."""
