-- minute_is_full: how long a person is to wait because they said all that a minute allows, in words and in seconds; null when
-- they may go on.  What came as an event is counted there, what came as a message only, here.
create or replace function core.minute_is_full(p_front_end name, p_user_id bigint, out words text, out wait_s int)
language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  v_most constant int := core.setting('user_messages_per_minute');
  v_since constant timestamptz := core.now() - interval '1 min';
  v_first timestamptz;
begin
  if v_most = 0 or not exists (select from core.front_ends f where f.name = p_front_end and f.limited) then
    return;
  end if;
  select said.at into v_first from (
    select i.received_at as at from core.inbox i
     where i.user_id = p_user_id and i.received_at > v_since and i.outcome ->> 'outcome' in ('taken', 'answered')
    union all
    select m.sent_at from core.design_states d join core.chat_messages m using (state_id)
     where d.user_id = p_user_id and m.front_end = p_front_end and m.sender = 'user' and m.sent_at > v_since
       and not exists (select from core.inbox i where i.front_end = m.front_end and i.event_key = m.message_key)) said
   order by said.at desc offset v_most - 1 limit 1;
  if found then
    wait_s := ceil(extract(epoch from v_first - v_since));
    words := format('That were %s messages in a minute; please wait %s s, and say it again.', v_most, wait_s);
  end if;
end $$;
revoke all on function core.minute_is_full(name, bigint) from public;
comment on function core.minute_is_full(name, bigint) is 'How long a person is to wait before they say more.';
