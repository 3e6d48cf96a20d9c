create or replace function api.list_settings()
returns table (name text, value text, minimum int, maximum int, unit text, description text, changed_by name, changed_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select s.name, s.value, s.minimum, s.maximum, s.unit, s.description, c.changed_by, c.changed_at
    from core.settings s
    left join lateral (select x.changed_by, x.changed_at from core.setting_changes x
                        where x.name = s.name order by x.change_id desc limit 1) c on true
   order by s.name
$$;
revoke all on function api.list_settings() from public;
comment on function api.list_settings() is $$Settings with their values, limits and meaning, and who changed them last.
Raises: nothing
Example:
monitor=> select name, value, unit from list_settings() limit 1;
agent_attempt_limit | 8 | attempts$$;
