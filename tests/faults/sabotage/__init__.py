"""Programs of the hub that were spoiled on purpose; what is sold stays untouched."""
