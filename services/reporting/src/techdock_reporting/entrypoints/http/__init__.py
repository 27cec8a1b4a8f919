"""The HTTP face of reporting, one module per resource."""
