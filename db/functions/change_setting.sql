-- change_setting: a new value for a setting; who changed it and when is recorded by a trigger.
-- Locks: the setting's row.   Returns the value before.   Raises: PB031 unknown setting, PB032 bad setting.
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
comment on function api.change_setting(text, text) is 'Set a setting; returns its value before.';
