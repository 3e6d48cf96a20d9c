-- setting: the value of a setting; null when there is none of that name.   core.setting('design_attempt_limit')::int
create or replace function core.setting(p_name text)
returns text language sql stable
set search_path = pg_catalog, pg_temp as $$ select s.value from core.settings s where s.name = p_name $$;
revoke all on function core.setting(text) from public;
comment on function core.setting(text) is 'The value of a setting.';
