"""Who may do what, and how often: organisations, API keys, plans, limits."""
