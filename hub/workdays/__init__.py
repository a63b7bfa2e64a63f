"""Working days, time zones and weekday names of Indonesia."""
