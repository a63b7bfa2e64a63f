"""Events and reactions: what happened, who answers, and what has been answered."""
