create or replace function api.schema_version()
returns text language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select max(m.migration_id) from public._yoyo_migration m where m.migration_id ~ '^[0-9]{4}\.' and m.migration_id < '9999'  -- that one is the functions
$$;
revoke all on function api.schema_version() from public;
comment on function api.schema_version() is $$The last numbered migration that was applied.
Raises: nothing
Example:
monitor=> select schema_version() >= '0005';
t$$;
