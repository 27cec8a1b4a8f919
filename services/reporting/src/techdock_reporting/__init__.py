"""Reporting: what happened, journaled and counted, so that it can be counted again."""
