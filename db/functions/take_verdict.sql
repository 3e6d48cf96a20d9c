-- take_verdict: the tester's checks; a pass resolves the design, and a failed check can never be passed.   Raises: PB007.
create or replace function core.take_verdict(p_state_id bigint, p_script_id bigint, p_result jsonb)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(p_result -> 'checks') is distinct from 'array' or jsonb_array_length(p_result -> 'checks') = 0 then
    raise exception 'pcb_tester must deliver its checks' using errcode = 'PB007';
  end if;
  update core.design_scripts s set checks = p_result -> 'checks' where s.script_id = p_script_id;
  if p_result ->> 'outcome' = 'rejected' then
    perform core.report_errors('pcb_tester', p_script_id, p_result);
    return;
  elsif exists (select from jsonb_array_elements(p_result -> 'checks') c where (c ->> 'passed')::boolean is not true) then
    raise exception 'a design with a failed check cannot pass' using errcode = 'PB007';
  end if;
  insert into core.resolved_designs (state_id, user_id, script_id, resolution_notes)
  select d.state_id, d.user_id, p_script_id,
         format('%s checks passed at attempt %s', jsonb_array_length(p_result -> 'checks'), d.attempt)
    from core.design_states d where d.state_id = p_state_id;
end $$;
revoke all on function core.take_verdict(bigint, bigint, jsonb) from public;
comment on function core.take_verdict(bigint, bigint, jsonb) is 'Store the tester''s checks; resolve the design when all passed.';
