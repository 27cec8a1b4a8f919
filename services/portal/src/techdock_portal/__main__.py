"""`python -m techdock_portal`."""

from techdock_portal.main import main

main()
