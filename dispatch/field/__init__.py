"""The volunteer's phone: the route, and what happens at each door."""
