"""Tests of working days, zones and weekday names."""
