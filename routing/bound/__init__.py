"""How good a plan can be at most: a true lower bound by column generation, see ``routing.bound.bound``."""
