"""What planning assumes about work at doors and what it promises: every figure in one place."""

from datetime import timedelta

SETUP_S = 60
"""Parking, stairs, bell; once a door, however many dossiers it has."""
COLLECT_S = 300
COLLECT_COMPONENT_S = 30
"""Collecting: consent, slip and signatures, and for every paper of the checklist the counting."""
RETURN_S = 180
"""Handing a result over, with the signature."""
HANDLING_S = 300
"""At the office between two trips: handing in what was collected, loading what goes out."""

PRIORITY_PROMISED = 4
PRIORITY_DATED = 2
PRIORITY_OPEN = 1
"""Weights of leaving a job out: somebody was told a time, was told a day, or can come any day."""

PROMISE_STEP = timedelta(minutes=30)
PROMISE_LEAD = timedelta(minutes=30)
PROMISE_WIDTH = timedelta(minutes=90)
"""What citizens are told: full half-hours that begin 30 to 60 minutes before the planned time, 90 minutes wide."""

OFFER_WIDTH_S = 5400
OFFER_SHORTEST_S = 3600
OFFER_STEP_S = 1800
OFFER_SLACK_S = 900
OFFER_LEAD_S = 1800
"""Windows that the hotline offers: 90 minutes from the half-day's start on, today's from half an hour ahead (rounded to
full half-hours, an hour at least), kept with a quarter of an hour to spare."""

SAME_TIME = timedelta(minutes=2)
"""A new version that moves a stop by less than this says nothing new."""

DRAFT_KEEPS = timedelta(minutes=15)
"""How long past its first time of departure a draft may still be published."""
