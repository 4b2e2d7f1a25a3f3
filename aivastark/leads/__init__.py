"""People who left their contact details, and when to ask for them."""
