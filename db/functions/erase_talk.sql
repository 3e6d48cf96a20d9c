-- erase_talk: what was said to and by a person and about their designs: messages, models' requests and answers,
-- notifications.  Of the models' calls the figures stay.   Returns {messages, exchanges, notifications}.
create or replace function core.erase_talk(p_user_id bigint, p_designs bigint[])
returns jsonb language sql volatile
set search_path = pg_catalog, pg_temp as $$
  with messages as (
    delete from core.chat_messages m where m.state_id = any (p_designs) returning 1
  ), exchanges as (
    delete from core.model_exchanges x using core.model_calls c
     where c.call_id = x.call_id and (c.state_id = any (p_designs) or c.user_id = p_user_id) returning 1
  ), notifications as (  -- by the number as send_notification reads it
    delete from core.notifications n
     where substring(n.message_payload ->> 'design' from '^[0-9]{1,18}$')::bigint = any (p_designs) returning 1
  )
  select jsonb_build_object('messages', (select count(*) from messages), 'exchanges', (select count(*) from exchanges),
                            'notifications', (select count(*) from notifications))
$$;
revoke all on function core.erase_talk(bigint, bigint[]) from public;
comment on function core.erase_talk(bigint, bigint[]) is 'Erase what was said to and by a person and about their designs.';
