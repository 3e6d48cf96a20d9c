-- minute_is_full: how long a person is to wait because they said all that a minute allows, in words; null when they may go on.
create or replace function core.minute_is_full(p_event core.event)
returns text language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  v_most constant int := core.setting('user_messages_per_minute');
  v_first timestamptz;
begin
  if v_most = 0 or not exists (select from core.front_ends f where f.name = p_event.front_end and f.limited) then
    return null;
  end if;
  select i.received_at into v_first from core.inbox i
   where i.user_id = p_event.user_id and i.received_at > core.now() - interval '1 min' and i.outcome ->> 'outcome' in ('taken', 'answered')
   order by i.received_at desc offset v_most - 1 limit 1;
  return case when found then format('That were %s messages in a minute; please wait %s s, and say it again.', v_most,
                                     ceil(extract(epoch from v_first + interval '1 min' - core.now()))) end;
end $$;
revoke all on function core.minute_is_full(core.event) from public;
comment on function core.minute_is_full(core.event) is 'How long a person is to wait before they say more.';
