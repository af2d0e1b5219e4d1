"""Random numbers for the compiled search, the same again from the same seed."""

import numpy as np

from routing.search.riding import inlined

S12, S25, S27, S33, S11 = (np.uint64(bits) for bits in (12, 25, 27, 33, 11))
MULTIPLIER = np.uint64(2685821657736338717)


@inlined
def draw(g):
    """64 random bits (xorshift64*)."""
    x = g[0]
    x ^= x >> S12
    x ^= x << S25
    x ^= x >> S27
    g[0] = x
    return x * MULTIPLIER


@inlined
def below(g, k):
    """A random whole number from 0 to k - 1."""
    return (np.int64(draw(g) >> S33) * k) >> 31


@inlined
def unit(g):
    """A random number in [0, 1)."""
    return np.int64(draw(g) >> S11) * (1.0 / 9007199254740992.0)
