"""Tests of `hub/accounts`."""
