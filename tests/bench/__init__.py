"""Measurements that are run by hand: they say how fast, tests say whether right."""
