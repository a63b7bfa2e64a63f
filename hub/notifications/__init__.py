"""What a person has been told, by which channel, and how the delivery went."""
