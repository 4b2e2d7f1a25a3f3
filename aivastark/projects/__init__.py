"""A tenant's own settings: its name, its refusal text, its thresholds."""
