create or replace function api.change_setting(p_name text, p_value text)
returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_old text;
  v_problem constant text := core.setting_problem(p_name, p_value);
begin
  select s.value into v_old from core.settings s where s.name = p_name for update;
  if not found then
    raise exception '%', v_problem using errcode = 'PB031';
  elsif v_problem is not null then
    raise exception '%', v_problem using errcode = 'PB032';
  end if;
  update core.settings s set value = p_value::int::text where s.name = p_name;
  return v_old;
end $$;
revoke all on function api.change_setting(text, text) from public;
comment on function api.change_setting(text, text) is $$Set a setting; who changed it and when is recorded.
p_name: a setting that list_settings lists.
p_value: the new value, a whole number within its limits.
Returns: the value before.
Locks: the setting's row.
Raises: PB031, PB032.
Example:
admin=> select change_setting('design_attempt_limit', '7');
5
admin=> select change_setting('design_attempt_limit', '99');
PB032: …$$;
