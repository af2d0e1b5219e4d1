"""Long work: rows with progress, stop request and lease; the queue only says that something waits."""
