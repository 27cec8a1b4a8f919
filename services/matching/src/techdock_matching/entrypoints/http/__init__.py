"""The HTTP face of matching, one module per kind of thing."""
