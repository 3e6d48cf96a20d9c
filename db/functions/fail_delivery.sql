create or replace function api.fail_delivery(
  p_delivery_id bigint, p_token uuid, p_reason text, p_gone boolean default false, p_retry_after_s double precision default null)
returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_row core.outbox;
begin
  -- a thread that is not opened ends its design: the design's row first, as everywhere
  perform core.lock_design(o.state_id) from core.outbox o
   where o.delivery_id = p_delivery_id and o.claim_token = p_token and o.kind in ('opening', 'thread');
  v_row := core.held_delivery(p_delivery_id, p_token);
  if p_gone and v_row.kind = 'status' and v_row.remote_id is not null and not v_row.content ? 'anew' then
    update core.outbox o  -- with a nonce of its own, or it would be taken for the one that is gone
       set state = 'waiting', claimed_by = null, claim_token = null, attempt = 0, remote_id = null, due_at = core.now(), shown = null,
           content = '{"anew": true}', nonce = left(replace(gen_random_uuid()::text, '-', ''), 24), last_error = left(p_reason, 2000)
     where o.delivery_id = p_delivery_id;
    return 'anew';
  elsif p_gone or v_row.attempt >= 8 and p_retry_after_s is null then
    perform core.bury_delivery(v_row, coalesce(p_reason, 'no reason was given'));
    return 'dead';
  end if;
  update core.outbox o
     set state = 'waiting', claimed_by = null, claim_token = null, last_error = left(p_reason, 2000),
         due_at = core.now() + interval '1 s' * case when p_retry_after_s is null then least(600, power(4, v_row.attempt - 1)) * (0.5 + 0.5 * random())
                                                     else greatest(0, least(p_retry_after_s, 3600)) end
   where o.delivery_id = p_delivery_id;
  return 'later';
end $$;
revoke all on function api.fail_delivery(bigint, uuid, text, boolean, double precision) from public;
comment on function api.fail_delivery(bigint, uuid, text, boolean, double precision) is $$Say that a delivery could not be sent. It is tried again after a backoff of 1 s · 4^(attempt-1), at most 600 s, with 50 % jitter; the eighth time it is given up.
p_delivery_id: number of the delivery, as claimed.
p_token: its token, as claimed.
p_reason: why, in words that a person may see.
p_gone: what it belongs to is gone or forbidden, so that it need not be tried again.
p_retry_after_s: when to try again, in seconds, where the other side has said so; such a failure gives nothing up.
Returns: later; dead; or anew, when the message of a status is gone, which is then sent again once.  A thread that cannot be opened cancels its design, and whoever asked for it is told.
Locks: of an opening or a thread the design's row; then the delivery's.
Raises: PB001.
Example:
terminal=> select receive_event('anna', 'Anna', 'k1', 'design', 'a 555 blinker', p_place => 'tty1') ->> 'outcome';
taken
terminal=> select fail_delivery(delivery_id, token, 'the line is busy') from claim_deliveries('one');
later
terminal=> select kind from claim_deliveries('one');$$;
