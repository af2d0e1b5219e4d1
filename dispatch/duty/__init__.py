"""Volunteers, the half-day shifts, who is on duty, and the link that opens a volunteer's route."""
