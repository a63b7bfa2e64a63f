"""Tests of collaborations: rules, themes, what each person may see."""
