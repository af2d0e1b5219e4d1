"""Staff, roles, log-in, and the record of who looked at what."""
