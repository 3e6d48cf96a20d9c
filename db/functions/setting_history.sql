create or replace function api.setting_history(p_name text default null)
returns table (changed_at timestamptz, changed_by name, name text, old_value text, new_value text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select c.changed_at, c.changed_by, c.name, c.old_value, c.new_value
    from core.setting_changes c where c.name = coalesce(p_name, c.name) order by c.change_id
$$;
revoke all on function api.setting_history(text) from public;
comment on function api.setting_history(text) is $$Every change of a setting, oldest first.
p_name: the setting; null for all.
Raises: nothing
Example:
admin=> select change_setting('task_history_days', '60');
30
monitor=> select changed_by, old_value, new_value from setting_history('task_history_days');
admin | 30 | 60$$;
