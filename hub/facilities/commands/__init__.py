"""What people and lists do to the registry: import, describe."""
