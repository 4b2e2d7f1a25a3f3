"""What an organisation may have and what it has used: plan, counts by day, what it holds now."""
