"""What changes who serves where."""
