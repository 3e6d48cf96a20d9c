-- take_script: the designer's script is the next attempt; one that it rejects itself comes with its report.
-- Raises: PB003, PB007.
create or replace function core.take_script(p_state_id bigint, p_result jsonb)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_rejected constant boolean := p_result ->> 'outcome' = 'rejected';
begin
  if p_result ->> 'outcome' not in ('scripted', 'rejected') then
    return;
  elsif coalesce(p_result ->> 'script', '') = '' and not v_rejected then
    raise exception 'pcb_designer must deliver a script' using errcode = 'PB007';
  elsif octet_length(p_result ->> 'script') > 262144 then
    raise exception 'the script has % bytes, 262144 are allowed', octet_length(p_result ->> 'script') using errcode = 'PB003';
  end if;
  update core.design_states d set attempt = d.attempt + 1 where d.state_id = p_state_id;
  insert into core.design_scripts (state_id, script_content, attempt_number, notes)
  select p_state_id, coalesce(p_result ->> 'script', ''), d.attempt, p_result -> 'notes'
    from core.design_states d where d.state_id = p_state_id;
  if v_rejected then
    perform core.report_errors('pcb_designer', core.last_script_id(p_state_id), p_result);
  end if;
end $$;
revoke all on function core.take_script(bigint, jsonb) from public;
comment on function core.take_script(bigint, jsonb) is 'Store the designer''s script as the next attempt.';
