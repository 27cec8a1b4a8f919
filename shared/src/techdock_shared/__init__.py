"""Plumbing that knows no business word: time, transactions, messaging, cache, HTTP problems."""
