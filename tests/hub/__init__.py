"""Tests of the hub, mirroring its folders."""
