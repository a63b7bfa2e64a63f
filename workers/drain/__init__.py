"""The drain: claims due reactions lane by lane and lets their consumers answer."""
