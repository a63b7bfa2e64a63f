"""What people are shown of visits, invitations and outcomes."""
