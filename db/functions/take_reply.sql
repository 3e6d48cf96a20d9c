-- take_reply: client_manager's words to the user, and the requirement so far.  What a person can be asked about is approved
-- only as it was shown to them, and only when they have spoken since.   Raises: PB007.
create or replace function core.take_reply(p_state_id bigint, p_result jsonb)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_requirement constant jsonb := nullif(p_result -> 'requirement', 'null'::jsonb);
  v_approved constant boolean := p_result ->> 'outcome' = 'approved';
  v_design core.design_states;
begin
  select d.* into v_design from core.design_states d where d.state_id = p_state_id;
  if coalesce(p_result ->> 'reply', '') = '' then
    raise exception 'client_manager must reply' using errcode = 'PB007';
  elsif v_approved and jsonb_typeof(v_requirement -> 'measures') is distinct from 'array' then
    raise exception 'an approved requirement must carry measures' using errcode = 'PB007';
  elsif v_approved and v_design.interactive and not (core.was_proposed(v_design) and v_requirement = v_design.requirement) then
    raise exception 'the user has not approved this requirement: show it (asked, with the requirement) and wait for the answer'
      using errcode = 'PB007';
  end if;
  update core.design_states d
     set requirement = v_requirement, state_description = coalesce(left(p_result ->> 'title', 200), d.state_description),
         proposed_after = case when v_requirement is not null and not v_approved then core.last_message_id(p_state_id) end
   where d.state_id = p_state_id;
  if v_requirement is null or v_approved then
    perform core.say(p_state_id, 'client_manager', p_result ->> 'reply');
  else
    perform core.say(p_state_id, 'client_manager', p_result ->> 'reply', 'proposal', '{"buttons": ["approve", "change", "cancel"]}');
  end if;
end $$;
revoke all on function core.take_reply(bigint, jsonb) from public;
comment on function core.take_reply(bigint, jsonb) is 'Store client_manager''s reply and the requirement.';
