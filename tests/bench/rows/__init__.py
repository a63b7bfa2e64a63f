"""The rows of ``make bench``, a module for each group of them."""
