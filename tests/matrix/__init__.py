"""Who may see what: every route, by every method, for every actor, on what is theirs and what is not."""
