"""Tests of whom an event is told to, the inbox and the words."""
