create or replace function api.share_design(p_design bigint)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_design core.design_states;
  v_requirement jsonb;
  v_title text;
begin
  perform core.lock_design(p_design);  -- who is being forgotten shares nothing any more
  v_design := core.design_of_caller(p_design);
  v_requirement := v_design.requirement - array['brief', 'unused'];  -- the user's own words
  v_title := coalesce(v_design.state_description, 'board');
  if v_design.state <> 'resolved' or v_design.candidate_of is not null then
    raise exception 'design % is % and has not passed', p_design, v_design.state using errcode = 'PB044';
  elsif v_requirement is null then
    raise exception 'design % was erased', p_design using errcode = 'PB006';
  end if;
  insert into core.examples (content_hash, title, brief, requirement, script, outcome, attempts, checks, finished_at, source, shared_from)
  select core.example_hash(v_title, v_requirement, s.script_content, 'resolved'), v_title, v_title, v_requirement, s.script_content, 'resolved',
         v_design.attempt, s.checks, v_design.finished_at, format('design %s', p_design), p_design
    from core.resolved_designs r join core.design_scripts s using (script_id) where r.state_id = p_design
  on conflict do nothing;
  return found;
end $$;
revoke all on function api.share_design(bigint) from public;
comment on function api.share_design(bigint) is $$Copy a design that passed into the examples, from which every user's designs may learn: title, requirement, script and checks, and none of the user's own words. It goes when its user asks to be forgotten.
p_design: number of the design.
Returns: false when it was there already.
Locks: the design's row.
Raises: PB006, PB044.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select share_design(1);
PB044: design 1 is briefing and has not passed$$;
