"""Tests of hub.facilities."""
