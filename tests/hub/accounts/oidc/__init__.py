"""Tests of the sign-in by an identity provider."""
