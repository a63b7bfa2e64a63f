"""Configuration, embedded servers and the processes of `hub up`."""
