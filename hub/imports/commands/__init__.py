"""What people do with an import: bring a file, say what its columns mean, confirm, undo."""
