"""`python -m techdock_registration`."""

from techdock_registration.main import main

main()
