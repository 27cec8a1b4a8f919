"""`python -m techdock_reporting`."""

from techdock_reporting.main import main

main()
