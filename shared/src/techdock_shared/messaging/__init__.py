"""How an event travels: from the outbox to the log, and from the log to its one effect."""
