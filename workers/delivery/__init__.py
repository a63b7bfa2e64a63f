"""Sending what is due to people and machines outside the hub."""
