"""Configuration: the only place that knows an environment variable or a queue name."""
