"""The columns of the kernel's tables, which ``routing.search.arrays`` and ``routing.search.team`` fill."""

# fmt: off
(OPEN, CLOSE, LOAD, CHANGE, RELEASE, CUT, MUST, SOFT, RATE, WIN, WIN_END, AFTER, DELAY, FOLLOWER, SIBLING,
 LONE) = range(16)  # stop: one row a node
START, END, LEAVE, BACK, CAP, BAG, SHIFT, STAYS, LOCK, CARRIED, TWIN, SLOT_CLASS, NEEDS = range(13)  # slot: a trip
LO, HI, SHARE, MOST, MOST_WORK, FIXED, SHIFT_CLASS = range(7)  # shift
CROWD, MISSED, HANDLING, LINKED, SEVERAL, TOLL = range(6)  # fee; from TOLL on, what a trip of so many stops pays
Q, AT, LATE, PRE, SUF, LINK, SUM = range(7)  # rt[slot, position]
SIZE, COST, FEES, HASH, DIRTY, CHANGED, FREE, BOUND, LIMIT, TIMED, WORK, READY = range(12)  # info: a slot now
COUNT, TOTAL, STALE, WORKED = range(4)  # own: how a shift stands now
ABSENT, SUM_COST, SUM_PAY, BEST, ITERATIONS, TOLLED = range(6)  # tot; TOLLED: the tolls in BEST
NEVER = 1_000_000_000
ORDERS = 6
