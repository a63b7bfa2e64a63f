"""Tests of languages, formats, templates, links and the rules for text."""
