"""Storage: settings, engine, unit of work, schema, and the tables. Imports nothing of ours."""
