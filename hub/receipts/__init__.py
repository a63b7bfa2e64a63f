"""Receipts: what one event set in motion, readable by those it concerns."""
