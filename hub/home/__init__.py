"""Screens that bring several capabilities together: home, units, collaborations."""
