"""`python -m techdock_matching`."""

from techdock_matching.main import main

main()
