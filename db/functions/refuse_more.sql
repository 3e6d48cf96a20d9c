-- refuse_more: nothing is taken of a person who has to wait.  They are told once a minute; an interaction is always answered,
-- to them alone.   Returns the outcome.
create or replace function core.refuse_more(p_event core.event, p_wait text)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_tell constant boolean := p_event.reply_token is not null or not exists (
    select from core.inbox i
     where i.user_id = p_event.user_id and i.received_at > core.now() - interval '1 min' and i.outcome ? 'told');
begin
  if v_tell then
    perform core.answer(p_event, p_wait);
  end if;
  return jsonb_build_object('outcome', 'limited', 'design', null) || case when v_tell then '{"told": true}' else '{}' end::jsonb;
end $$;
revoke all on function core.refuse_more(core.event, text) from public;
comment on function core.refuse_more(core.event, text) is 'Take nothing of a person who has to wait.';
