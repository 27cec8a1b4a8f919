"""All of Techdock in one process, and the techdock command line."""
