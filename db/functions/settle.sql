-- settle: where a design is talked about from now on, and its first deliveries there: in a guild a thread, opened from the
-- message that asked for it, else from one of ours; then the answer to a command; then the status.
create or replace function core.settle(p_event core.event, p_design bigint)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_name constant text := format('Design %s: %s', p_design, left(regexp_replace(trim(core.first_words(p_design)), '\s+', ' ', 'g'), 80));
  v_thread constant boolean := p_event.guild is not null and p_event.here is null and (core.my_front_end()).threads;
  v_place_id bigint;
begin
  if not v_thread then
    v_place_id := coalesce(p_event.place_id, core.place_at(p_event.front_end, coalesce(p_event.place, p_event.parent), null, p_event.guild));
  elsif p_event.place is null and p_event.source is not null then  -- a thread has the number of the message it is opened from
    v_place_id := core.place_at(p_event.front_end, p_event.source, p_event.parent, p_event.guild);
  else
    v_place_id := core.place_at(p_event.front_end, null, p_event.parent, p_event.guild);
  end if;
  update core.design_states d set place_id = v_place_id where d.state_id = p_design;
  if v_thread then
    if not exists (select from core.places p where p.place_id = v_place_id and p.place is not null) then
      perform core.deliver(p_design, 'opening', jsonb_build_object('text', v_name, 'after', p_event.key));
    end if;
    perform core.deliver(p_design, 'thread', jsonb_build_object('name', v_name, 'member', p_event.account));
  end if;
  if p_event.reply_token is not null then
    insert into core.outbox (front_end, place_id, state_id, user_id, lane, kind, content, reply_token)
    values (p_event.front_end, v_place_id, p_design, p_event.user_id, p_design, 'reply', jsonb_build_object('text',
              format(case when p_event.guild is null then 'Design %s is at work.' else 'Design %s is at work: <#>' end, p_design)), p_event.reply_token);
  end if;
  perform core.deliver(p_design, 'status');
end $$;
revoke all on function core.settle(core.event, bigint) from public;
comment on function core.settle(core.event, bigint) is 'Where a design is talked about, and its first deliveries there.';
