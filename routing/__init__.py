"""The planning library: where things are, how to get there, and who goes where and when.

It knows nothing of wards or web pages, reads no clock and no database. Times are whole seconds since the
service date's local midnight (names end in ``_s``), distances whole metres (``_m``).

Read first: ``routing.problem`` (what is asked), ``routing.plan`` (the answer, and ``evaluate``, which says
what an answer costs and breaks), ``routing.solve`` (the front door), ``routing.insert`` (one more job, at
once).
"""
