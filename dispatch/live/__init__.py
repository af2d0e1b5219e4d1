"""What changes while people are on the road: where phones are, when somebody comes, and news for the volunteer."""
