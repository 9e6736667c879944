"""What Kring remembers: one file a noun, with its tables and its queries, on SQLite or PostgreSQL alike.

A handler gets a `UnitOfWork` and never commits: the edge does, once. What a member wrote is sealed before it is stored.
"""
