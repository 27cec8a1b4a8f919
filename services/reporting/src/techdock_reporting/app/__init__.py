"""What reporting can do: record every event, count, answer, rebuild."""
