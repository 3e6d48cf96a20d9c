-- tell_designs: the last ten designs of whoever asks, newest first.
create or replace function core.tell_designs(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_text text;
begin
  select string_agg(left(core.status_line(d), 150), e'\n' order by d.state_id desc) into v_text
    from (select o.* from core.design_states o where o.user_id = p_event.user_id and o.candidate_of is null order by o.state_id desc limit 10) d;
  if v_text is null then
    return core.answer(p_event, 'You have no design yet. /design begins one.');
  end if;
  return core.answer(p_event, v_text);
end $$;
revoke all on function core.tell_designs(core.event) from public;
comment on function core.tell_designs(core.event) is 'Answer which designs a person has.';
