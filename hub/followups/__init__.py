"""Follow-ups: the tasks that outcomes open and people close, and their planned reminders."""
