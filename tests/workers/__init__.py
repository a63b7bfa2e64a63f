"""Tests of the workers, mirroring their folders."""
