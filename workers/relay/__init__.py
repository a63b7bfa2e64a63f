"""The relay: listens, asks once a second whether anything is due, and rings."""
