"""Promises about the structure itself."""
