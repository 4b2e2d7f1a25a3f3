"""What the bot knows: sources, the documents in them, and the chunks those are cited by."""
