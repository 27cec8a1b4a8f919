"""The rules of matching, in plain Python: no I/O, no framework, no clock."""
