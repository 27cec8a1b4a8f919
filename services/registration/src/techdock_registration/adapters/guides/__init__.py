"""Guides to the columns of import files, one file per language."""
