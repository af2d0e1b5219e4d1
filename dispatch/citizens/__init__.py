"""What citizens see and are told: the tracking page and the messages that go out."""
