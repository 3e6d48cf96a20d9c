"""The database: schema, functions, roles, migrations."""
