"""Tests of tasks and their reminders."""
