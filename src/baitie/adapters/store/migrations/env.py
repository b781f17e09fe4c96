"""Alembic's entry: runs on the connection that the program hands in, inside the program's transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
