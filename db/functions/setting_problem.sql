-- setting_problem: what is wrong with a value for a setting, in words; null when nothing is.
create or replace function core.setting_problem(p_name text, p_value text)
returns text language sql stable
set search_path = pg_catalog, pg_temp as $$
  select case when s.name is null then format('there is no setting %s', p_name)
              when p_value ~ '^[0-9]{1,9}$' and p_value::int between s.minimum and s.maximum then null
              else format('%s takes a whole number from %s to %s (%s), not %s', s.name, s.minimum, s.maximum, s.unit, coalesce(p_value, 'null')) end
    from (select) x left join core.settings s on s.name = p_name
$$;
revoke all on function core.setting_problem(text, text) from public;
comment on function core.setting_problem(text, text) is 'What is wrong with a value for a setting, or null.';
