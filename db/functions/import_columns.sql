create or replace function api.import_columns(p_kind text default null)
returns table (kind text, "column" text, type text, required boolean, is_key boolean, rule text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select c.kind, c.name, c.type, c.required, c.is_key, c.rule
    from core.import_columns c where c.kind = coalesce(p_kind, c.kind) order by c.kind, c.position
$$;
revoke all on function api.import_columns(text) from public;
comment on function api.import_columns(text) is $$Columns of the files that import_rows takes, with their rules, in the order in which export writes them.
p_kind: parts, users, designs or settings; null for all.
Raises: nothing
Example:
admin=> select "column", required, rule from import_columns('settings');
name | t | a setting's name
value | t | a whole number$$;
