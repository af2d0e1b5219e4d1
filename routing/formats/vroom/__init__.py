"""VROOM's JSON in and out, with keys of our own for what it lacks."""
