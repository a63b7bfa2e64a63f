"""What people do to a collaboration and its proposal."""
