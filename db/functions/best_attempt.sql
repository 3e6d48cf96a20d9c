-- best_attempt: the attempt to go back to, as {attempt, script, errors}; null before the first.
create or replace function core.best_attempt(p_state_id bigint)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select jsonb_build_object('attempt', s.attempt_number, 'script', s.script_content, 'errors', core.last_report(s.script_id))
            from core.design_scripts s where s.script_id = core.best_script_id(p_state_id));
end $$;
revoke all on function core.best_attempt(bigint) from public;
comment on function core.best_attempt(bigint) is 'The best attempt of a design so far, as {attempt, script, errors}.';
