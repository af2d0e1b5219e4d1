"""Places: a Vietnamese address in, coordinates with an honest accuracy out."""
