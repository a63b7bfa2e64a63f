"""Tests of the delivery of what is due."""
