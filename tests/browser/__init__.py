"""Journeys in Chromium: what people see and do, in both languages, on a phone and an office PC."""
