"""The ward as configuration: who it is, where, when it works, and the pages that set it up."""
