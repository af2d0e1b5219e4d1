"""Who holds which papers: the ledger, the office's bag desk, the end of a shift, and what proves a hand-over."""
