"""The dossier's way: procedures, life cycles, events and what is derived from them, promised dates."""
