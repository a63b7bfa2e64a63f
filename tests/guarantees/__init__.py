"""One file per way the promises could break, with real processes."""
