-- clear_deliveries: delete what was sent and what came in longer ago than the history of tasks is kept, unless its design goes
-- on; and forget what lets its bearer answer an interaction, when nobody can use it any more.
-- Locks: their rows, skipping locked ones.   Returns how many rows were deleted.
create or replace function core.clear_deliveries()
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_before constant timestamptz := core.now() - make_interval(days => core.setting('task_history_days')::int);
  v_sent bigint;
  v_received bigint;
begin
  update core.outbox o set state = 'dead', claimed_by = null, claim_token = null, reply_token = null, last_error = 'the interaction has expired'
   where o.delivery_id = any (array(
     select e.delivery_id from core.outbox e where e.reply_token is not null and e.created_at < core.now() - interval '15 min' limit 1000 for update skip locked));
  delete from core.outbox o where o.delivery_id = any (array(
    select e.delivery_id from core.outbox e left join core.design_states d using (state_id)
     where e.created_at < v_before and e.state in ('sent', 'dead') and (e.state_id is null or d.finished_at is not null)
     order by e.created_at limit 1000 for update of e skip locked));
  get diagnostics v_sent = row_count;
  delete from core.inbox i where i.event_id = any (array(
    select e.event_id from core.inbox e left join core.design_states d on d.state_id = (e.outcome ->> 'design')::bigint
     where e.received_at < v_before and (d.state_id is null or d.finished_at is not null)
     order by e.received_at limit 1000 for update of e skip locked));
  get diagnostics v_received = row_count;
  return v_sent + v_received;
end $$;
revoke all on function core.clear_deliveries() from public;
comment on function core.clear_deliveries() is 'Delete old deliveries and events, and what lets its bearer answer.';
