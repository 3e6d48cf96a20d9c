-- best_script_id: the attempt that came farthest, of several the last.
create or replace function core.best_script_id(p_state_id bigint)
returns bigint language sql stable
set search_path = pg_catalog, pg_temp as $$
  select s.script_id from core.design_scripts s where s.state_id = p_state_id
   order by core.how_far(s) desc, s.attempt_number desc limit 1
$$;
revoke all on function core.best_script_id(bigint) from public;
comment on function core.best_script_id(bigint) is 'The attempt that came farthest; of a resolved design the one that passed.';
