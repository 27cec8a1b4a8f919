"""Reporting: what happened, journaled and counted, so that it can be recounted to the same figure."""
