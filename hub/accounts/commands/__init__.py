"""What may be done to people, posts, sign-ins and tokens."""
