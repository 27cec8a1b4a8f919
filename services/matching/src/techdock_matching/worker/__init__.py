"""The process that ranks and solves: `python -m techdock_matching.worker`.

Beside the server in the distributed program, a child of the program in the embedded one; the
same code, on the same database. It may be killed at any moment.
"""
