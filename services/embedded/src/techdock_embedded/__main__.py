"""`python -m techdock_embedded`: the techdock command."""

from techdock_embedded.commands import techdock

if __name__ == "__main__":
    techdock()
