"""The workers answer events: relay, drain, delivery and upkeep."""
