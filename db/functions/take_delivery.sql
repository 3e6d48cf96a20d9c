-- take_delivery: claim a delivery whose row the caller has locked; content is as it is to be sent.
-- A status that has not changed and an answer to an interaction that has expired are not sent: then no row is returned.
create or replace function core.take_delivery(p_row core.outbox, p_worker text, p_lease interval, p_place text)
returns core.outbox language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_content constant jsonb := core.delivery_content(p_row, p_place);
  v_shown constant jsonb := case when p_row.kind = 'status' then v_content - 'elapsed_s' end;
  v_row core.outbox;
begin
  if p_row.kind = 'reply' and p_row.created_at < core.now() - interval '15 min' then
    update core.outbox o
       set state = 'dead', claimed_by = null, claim_token = null, reply_token = null, last_error = 'the interaction has expired'
     where o.delivery_id = p_row.delivery_id;
    return null;
  elsif p_row.kind = 'status' and p_row.remote_id is not null and p_row.attempt = 0 and v_shown = p_row.shown then
    update core.outbox o set state = 'sent', changed = false where o.delivery_id = p_row.delivery_id;
    return null;
  end if;
  update core.outbox o
     set state = 'claimed', claimed_by = p_worker, claim_token = gen_random_uuid(), attempt = o.attempt + 1,
         due_at = core.now() + p_lease, changed = false, shown = v_shown
   where o.delivery_id = p_row.delivery_id
  returning o.* into v_row;
  v_row.content := v_content;
  return v_row;
end $$;
revoke all on function core.take_delivery(core.outbox, text, interval, text) from public;
comment on function core.take_delivery(core.outbox, text, interval, text) is 'Claim a delivery, unless there is nothing to send.';
