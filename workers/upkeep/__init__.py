"""Chores that time asks for, and the schedule that beat pokes them by."""
