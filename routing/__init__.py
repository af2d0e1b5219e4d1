"""The planning library: where things are, how to get there, and who goes where and when.

It knows nothing of wards or web pages, reads no clock and no database. Times are whole seconds since the
service date's local midnight (names end in ``_s``), distances whole metres (``_m``).

Read first: ``routing.problem`` (what is asked), ``routing.plan`` (the answer), ``routing.evaluate`` (what
an answer costs and breaks), ``routing.solve`` (the front door; in a server ``routing.search.process``),
``routing.insert`` (one more job, at once), ``routing.why`` (why a job is left out).
"""
