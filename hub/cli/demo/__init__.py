"""The demo: a small cast plays one real visit through the hub's own doors, and its story can be checked."""
