-- last_script_id: the script of the design's present attempt; null before the first.
create or replace function core.last_script_id(p_state_id bigint)
returns bigint language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select s.script_id from core.design_scripts s where s.state_id = p_state_id order by s.attempt_number desc limit 1);
end $$;
revoke all on function core.last_script_id(bigint) from public;
comment on function core.last_script_id(bigint) is 'Script of the present attempt, null before the first.';
