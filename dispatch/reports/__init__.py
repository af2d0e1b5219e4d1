"""What the chairman asks: statistics of a period, from events, and their export."""
