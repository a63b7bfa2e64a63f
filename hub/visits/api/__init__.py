"""The JSON API of proposals, visits, invitations and whole collaborations."""
