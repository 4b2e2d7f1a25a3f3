"""What was asked, how well it was answered, and what the knowledge lacks."""
