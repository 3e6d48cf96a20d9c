-- erase_deliveries: what came from a person and what went to them, and the places where nobody else talks: whoever is about to
-- send something of it loses the claim (PB001).  That there were such events stays, by hashes of their keys.
-- Locks: the deliveries' rows, the events', then the places', so that nobody says anything there meanwhile.
-- Returns {events, deliveries, places}.
create or replace function core.erase_deliveries(p_user_id bigint, p_designs bigint[])
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_places bigint[];
  v_events bigint;
  v_deliveries bigint;
  v_gone bigint;
begin
  v_places := array(select d.place_id from core.design_states d where d.state_id = any (p_designs) and d.place_id is not null
                     union select i.place_id from core.inbox i where i.user_id = p_user_id and i.place_id is not null
                     union select o.place_id from core.outbox o where o.user_id = p_user_id and o.place_id is not null);
  delete from core.outbox o where o.user_id = p_user_id or o.state_id = any (p_designs);
  get diagnostics v_deliveries = row_count;
  update core.inbox i
     set event_key = core.erased_key(i.event_key), digest = sha256(''), command = 'erased', user_id = null, place_id = null,
         outcome = '{"outcome": "ignored", "design": null}'
   where i.user_id = p_user_id;
  get diagnostics v_events = row_count;
  update core.design_states d set place_id = null where d.state_id = any (p_designs) and d.place_id is not null;
  perform from core.places p where p.place_id = any (v_places) order by p.place_id for update;
  delete from core.places p
   where p.place_id = any (v_places) and not exists (select from core.design_states d where d.place_id = p.place_id)
     and not exists (select from core.inbox i where i.place_id = p.place_id) and not exists (select from core.outbox o where o.place_id = p.place_id);
  get diagnostics v_gone = row_count;
  return jsonb_build_object('events', v_events, 'deliveries', v_deliveries, 'places', v_gone);
end $$;
revoke all on function core.erase_deliveries(bigint, bigint[]) from public;
comment on function core.erase_deliveries(bigint, bigint[]) is 'Erase what came from a person and what went to them.';
