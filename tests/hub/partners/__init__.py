"""Tests of partner records."""
