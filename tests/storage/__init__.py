"""The store, on the real SQLite and the real PostgreSQL."""
