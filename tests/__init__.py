"""Every test: hub and workers mirror the code, journeys tell stories, guarantees and contracts hold."""
