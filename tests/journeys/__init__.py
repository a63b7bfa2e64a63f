"""Journeys: told as stories, through the doors that people use, with every process running."""
