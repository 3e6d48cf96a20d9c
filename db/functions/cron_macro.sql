-- cron_macro: the five fields behind @hourly and its like; anything else as it is.
create or replace function core.cron_macro(p_cron text)
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select case lower(trim(p_cron))
           when '@hourly'   then '0 * * * *'
           when '@daily'    then '0 0 * * *'
           when '@midnight' then '0 0 * * *'
           when '@weekly'   then '0 0 * * 0'
           when '@monthly'  then '0 0 1 * *'
           when '@yearly'   then '0 0 1 1 *'
           when '@annually' then '0 0 1 1 *'
           else p_cron end
$$;
revoke all on function core.cron_macro(text) from public;
comment on function core.cron_macro(text) is 'The fields behind @hourly, @daily, @weekly, @monthly, @yearly.';
