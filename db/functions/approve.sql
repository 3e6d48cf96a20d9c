-- approve: a press of a proposal's button is a yes to that proposal, while it is the newest and waits for one.
create or replace function core.approve(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v core.event := p_event;
  v_design constant core.design_states := core.named_design(p_event, true);
  v_newest bigint;
begin
  if v_design.state_id is null then
    return core.no_design(v);
  end if;
  select max(o.message_id) into v_newest from core.outbox o where o.state_id = v_design.state_id and o.kind = 'proposal';
  if v_design.state <> 'awaiting_user' or v_design.proposed_after is null or core.was_proposed(v_design)
     or v_newest is null or v_newest <> coalesce(v.message, v_newest) then
    return core.answer(v, 'That proposal is no longer the newest; look at the last message of its design.', v_design.state_id);
  end if;
  v.words := 'Yes, build it.';
  return core.add_words(v, v_design);
end $$;
revoke all on function core.approve(core.event) from public;
comment on function core.approve(core.event) is 'Say yes to the newest proposal of a design.';
