-- clear_deliveries: delete what went out, or was to, and what came in longer ago than the history of tasks is kept, unless its design goes
-- on, and places that nothing belongs to any more; and forget what lets its bearer answer an interaction, when nobody can use it.
-- Locks: their rows, skipping locked ones.   Returns how many deliveries and events were deleted.
create or replace function core.clear_deliveries()
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_before constant timestamptz := core.now() - make_interval(days => core.setting('task_history_days')::int);
  v_sent bigint[];
  v_received bigint[];
begin
  update core.outbox o set state = 'dead', claimed_by = null, claim_token = null, reply_token = null, last_error = 'the interaction has expired'
   where o.delivery_id = any (array(
     select e.delivery_id from core.outbox e
      where e.state in ('waiting', 'claimed') and e.reply_token is not null and e.created_at < core.now() - interval '15 min' limit 1000 for update skip locked));
  with gone as (
    delete from core.outbox o where o.delivery_id = any (array(
      select e.delivery_id from core.outbox e left join core.design_states d using (state_id)
       where e.created_at < v_before and e.state <> 'claimed' and (e.state_id is null or d.finished_at is not null)
       order by e.created_at limit 1000 for update of e skip locked))
    returning o.place_id)
  select array_agg(g.place_id) into v_sent from gone g;
  with gone as (
    delete from core.inbox i where i.event_id = any (array(
      select e.event_id from core.inbox e left join core.design_states d on d.state_id = (e.outcome ->> 'design')::bigint
       where e.received_at < v_before and (d.state_id is null or d.finished_at is not null)
       order by e.received_at limit 1000 for update of e skip locked))
    returning i.place_id)
  select array_agg(g.place_id) into v_received from gone g;
  delete from core.places p where p.place_id = any (array(
    select e.place_id from core.places e
     where e.place_id = any (v_sent || v_received) and not exists (select from core.design_states d where d.place_id = e.place_id)
     for update skip locked))
     and not exists (select from core.inbox i where i.place_id = p.place_id) and not exists (select from core.outbox o where o.place_id = p.place_id);
  return coalesce(cardinality(v_sent), 0) + coalesce(cardinality(v_received), 0);
end $$;
revoke all on function core.clear_deliveries() from public;
comment on function core.clear_deliveries() is 'Delete old deliveries and events, and what lets its bearer answer.';
