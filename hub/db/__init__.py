"""The database: base class, engine, transaction, roles and migrations."""
