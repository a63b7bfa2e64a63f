"""What the suites share: services, databases, processes, and the means to disturb them."""
