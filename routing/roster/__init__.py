"""Who is on duty in which half-day of a month."""
