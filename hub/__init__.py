"""The hub answers people: rules, state changes, the events they cause, the screens and the read side."""
