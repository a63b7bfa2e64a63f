"""Imports: reading files, comparing, applying, undoing, and the pages."""
