"""What every service's HTTP face has in common."""
