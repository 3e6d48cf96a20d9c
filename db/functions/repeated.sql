-- repeated: what a person asks once more because the front end told them that it had failed, while what they asked first had
-- been taken: the answer that never reached them goes to this interaction, too, and nothing is done twice.
-- The caller holds the person's row.   Returns the outcome of the first; null for what is new.
create or replace function core.repeated(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_first core.inbox;
  v_reply core.outbox;
begin
  if p_event.reply_token is null then
    return null;
  end if;
  select f.* into v_first
    from core.inbox i join core.inbox f on f.user_id = p_event.user_id and f.digest = i.digest and f.event_id < i.event_id
   where i.front_end = p_event.front_end and i.event_key = p_event.key and f.received_at > core.now() - interval '15 min'
     and f.place_id is not distinct from p_event.place_id and f.outcome ->> 'outcome' = 'taken'
     and not exists (select a.name, a.content from core.attachments a where a.user_id = p_event.user_id and a.message_key = p_event.key
                     except select a.name, a.content from core.attachments a where a.user_id = p_event.user_id and a.message_key = f.event_key)
   order by f.event_id desc limit 1;
  select o.* into v_reply from core.outbox o
   where o.user_id = p_event.user_id and o.kind = 'reply' and o.created_at >= v_first.received_at
   order by o.delivery_id limit 1;  -- theirs come one by one
  if v_reply.delivery_id is null or v_reply.remote_id is not null then
    return null;  -- they were answered: they mean it
  end if;
  insert into core.outbox (front_end, place_id, state_id, user_id, lane, kind, content, reply_token)
  values (v_reply.front_end, v_reply.place_id, v_reply.state_id, v_reply.user_id, v_reply.lane, 'reply', v_reply.content, p_event.reply_token);
  perform pg_notify('design_updates', coalesce(v_reply.state_id, 0)::text);
  return v_first.outcome - 'told';
end $$;
revoke all on function core.repeated(core.event) from public;
comment on function core.repeated(core.event) is 'Answer what a person asks once more because they were told that it had failed.';
