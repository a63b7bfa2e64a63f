"""Tests of `hub/web`."""
