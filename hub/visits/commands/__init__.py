"""What people do to visits, invitations and outcomes."""
