"""People, posts, appointments, sign-in and tokens: who is who."""
