"""What the hub holds of people: why, for how long, how they see it, and how it is forgotten."""
