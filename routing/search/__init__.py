"""How plans are found. Only ``routing.solve`` looks in here."""
