"""Adapters to what hears, thinks, speaks and makes sound; one third-party engine a file."""
