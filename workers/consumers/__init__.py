"""One module per consumer: its name, and the effect it calls."""
