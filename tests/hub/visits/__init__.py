"""Tests of visits: rules, commands, API and the invitation's page."""
