"""The revisions of the schema, oldest first. A test keeps the list equal to Alembic's own walk."""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
HEAD = REVISIONS[-1]
