-- bury_delivery: a delivery that is never sent.  One that would have opened a thread takes its design along.
-- The caller holds its row and, of an opening or a thread, before it the design's.
create or replace function core.bury_delivery(p_row core.outbox, p_reason text)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  update core.outbox o
     set state = 'dead', claimed_by = null, claim_token = null, reply_token = null, last_error = left(p_reason, 2000)
   where o.delivery_id = p_row.delivery_id;
  if p_row.kind in ('opening', 'thread') then
    perform core.close_place(p_row, p_reason);
  end if;
end $$;
revoke all on function core.bury_delivery(core.outbox, text) from public;
comment on function core.bury_delivery(core.outbox, text) is 'Give a delivery up.';
