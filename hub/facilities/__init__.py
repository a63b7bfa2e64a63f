"""Units and partner facilities: identity, names, regions and zones."""
