"""The pages about who serves where."""
