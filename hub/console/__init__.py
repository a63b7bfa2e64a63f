"""The operator's desk: how far behind everything is, what was given up, and how to try it again."""
