"""PostgreSQL and Valkey as the hub's own children, for whoever has set no address of theirs."""
