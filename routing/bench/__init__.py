"""Measurements of the library against what else there is: `python -m routing bench NAME`."""
