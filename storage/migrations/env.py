"""Alembic's way into the store: always on the connection it was handed, so that the caller decides where and when."""

from alembic import context

from storage.queue import ours
from storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, include_name=ours, render_as_batch=True, compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
