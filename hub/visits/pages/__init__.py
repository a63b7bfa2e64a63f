"""Pages of visits: the invitation by its link, proposals, the visit itself, its outcome."""
