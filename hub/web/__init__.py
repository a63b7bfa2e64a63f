"""What every page and every API route shares."""
