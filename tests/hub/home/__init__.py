"""Tests of home, the units and the collaborations as people see them."""
