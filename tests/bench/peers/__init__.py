"""What the hub is measured against: the same work as others would write it."""
