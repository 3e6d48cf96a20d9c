create or replace function api.fork_design(p_design bigint, p_attempt int)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_old core.design_states;
  v_new bigint;
begin
  -- first, as a message does: what is read below belongs to somebody who is not being forgotten
  perform from core.users u where u.user_id = (core.design_of_caller(p_design)).user_id for no key update;
  v_old := core.design_of_caller(p_design);
  if v_old.requirement is null or not exists (
      select from core.design_scripts s where s.state_id = p_design and s.attempt_number = p_attempt) then
    raise exception 'design % has no attempt %', p_design, p_attempt using errcode = 'PB014';
  end if;
  perform core.hold_to_limits(v_old.user_id, false, true);
  insert into core.design_states (user_id, state, state_description, interactive, requirement, attempt, attempt_limit, forked_from, forked_attempt)
  values (v_old.user_id, 'building', v_old.state_description, v_old.interactive, v_old.requirement, 1, v_old.attempt_limit, p_design, p_attempt)
  returning state_id into v_new;
  insert into core.design_scripts (state_id, script_content, attempt_number, notes)
  select v_new, s.script_content, 1, s.notes from core.design_scripts s where s.state_id = p_design and s.attempt_number = p_attempt;
  perform core.record_event(v_new, null, 'forked', 'building'),
          core.say(v_new, 'client_manager', format('Goes off from attempt %s of design %s.', p_attempt, p_design)),
          api.enqueue_task('kicad', jsonb_build_object('design', v_new), p_design => v_new);
  return v_new;
end $$;
revoke all on function api.fork_design(bigint, int) from public;
comment on function api.fork_design(bigint, int) is $$Begin a new design from an attempt of another, ended or not: its requirement and its script, which is built and tested again as attempt 1.
p_design: number of the design to go off from.
p_attempt: number of its attempt; the first is 1.
Returns: the new design's number.
Locks: the user's row.
Raises: PB006, PB014, PB060 where the front end holds people to limits.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select fork_design(1, 1);
PB014: design 1 has no attempt 1$$;
