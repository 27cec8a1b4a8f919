"""What the service can do: one function per command, query or event."""
