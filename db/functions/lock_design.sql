-- lock_design: lock a design's row, and before it that of the design whose candidate it is: whoever changes a candidate may
-- end it, and with it change its design.  So everybody locks the older row first, and nobody locks another out.
-- p_wait false: returns false instead of waiting.   Returns whether the design is there, and the caller's to see.
create or replace function core.lock_design(p_state_id bigint, p_wait boolean default true)
returns boolean language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_above bigint;
begin
  select d.candidate_of into v_above from core.design_states d where d.state_id = p_state_id;
  if p_wait then
    if v_above is not null then
      perform from core.design_states d where d.state_id = v_above for no key update;
    end if;
    perform from core.design_states d where d.state_id = p_state_id for no key update;
    return found;
  end if;
  if v_above is not null then
    perform from core.design_states d where d.state_id = v_above for no key update skip locked;
    if not found then
      return false;
    end if;
  end if;
  perform from core.design_states d where d.state_id = p_state_id for no key update skip locked;
  return found;
end $$;
revoke all on function core.lock_design(bigint, boolean) from public;
comment on function core.lock_design(bigint, boolean) is 'Lock a design after the one whose candidate it is.';
