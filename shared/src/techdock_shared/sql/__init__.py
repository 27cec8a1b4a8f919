"""SQL plumbing: one transaction per command or batch, outbox, inbox, dead letters, jobs."""
