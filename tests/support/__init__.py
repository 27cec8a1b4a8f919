"""Builders, fakes and drivers that tests share. Imported as `support`, never from a conftest."""
