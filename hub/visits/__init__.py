"""Visits: numbered arrangements, agenda, invitations and answers, outcomes and commitments."""
