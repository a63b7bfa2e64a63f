"""The audit log: acts of administration and operation, append-only by right."""
