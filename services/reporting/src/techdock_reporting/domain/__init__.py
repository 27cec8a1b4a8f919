"""The rules of counting, in plain Python: no I/O, no framework, no clock."""
