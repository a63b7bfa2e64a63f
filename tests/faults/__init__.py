"""Faults struck against a whole hub of plain processes, and what a checker finds afterwards."""
