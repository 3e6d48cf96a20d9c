-- candidates_wanted: into how many candidates a task's design is to branch: its agent's setting for pcb_designer's first
-- attempt of a design that is no candidate itself, and 0 for whatever is not to branch.
create or replace function core.candidates_wanted(p_task core.tasks)
returns int language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare v_count int;
begin
  if p_task.agent <> 'pcb_designer' then
    return 0;
  end if;
  select least(coalesce((a.model ->> 'candidates')::int, 3), 5) into v_count
    from core.agents a, core.design_states d
   where a.name = p_task.agent and d.state_id = p_task.state_id and d.attempt = 0 and d.candidate_of is null;
  return case when v_count > 1 then v_count else 0 end;
end $$;
revoke all on function core.candidates_wanted(core.tasks) from public;
comment on function core.candidates_wanted(core.tasks) is 'How many candidates a task is to branch into; 0 for none.';
