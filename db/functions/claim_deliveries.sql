-- Head of each design only, so that what is said of it comes in order, whoever sends it; an edit of a status neither waits nor
-- holds anything up.  A claim whose lease has ended is due like any other.
create or replace function api.claim_deliveries(
  p_worker text, p_limit int default 10, p_design bigint default null, p_lease interval default '60 s', p_place text default null)
returns table (delivery_id bigint, token uuid, kind text, design bigint, place text, parent text, guild text, nonce text, remote_id text,
               again boolean, after text, content jsonb, reply_token text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  v_me constant name := (core.caller()).role;
  v_now constant timestamptz := core.now();
  v_place_id constant bigint := core.claimed_place(v_me, p_design, p_place);
  v_left int := p_limit;
  v_due core.outbox;
  v_row core.outbox;
  v_place core.places;
begin
  if p_worker is null or length(p_worker) not between 1 and 200 then
    raise exception 'a worker''s name has 1 to 200 characters' using errcode = 'PB042';
  elsif (p_limit between 1 and 50 and p_lease between interval '1 s' and interval '1 h') is not true then
    raise exception 'at most 50 deliveries are claimed at once, for 1 s to 1 h' using errcode = 'PB042';
  end if;
  while v_left > 0 loop
    for v_due in
      select o.* from core.outbox o
       where o.front_end = v_me and o.state in ('waiting', 'claimed') and o.due_at <= v_now
         and (o.lane is null or o.remote_id is not null or not exists (
               select from core.outbox h
                where h.lane = o.lane and h.delivery_id < o.delivery_id and h.state in ('waiting', 'claimed') and h.remote_id is null))
         and (p_design is null and p_place is null or o.state_id = p_design or o.place_id = v_place_id)
       order by o.due_at limit v_left for update of o skip locked
    loop
      select p.* into v_place from core.places p where p.place_id = v_due.place_id;
      v_row := core.take_delivery(v_due, p_worker, p_lease, v_place.place);
      continue when v_row.delivery_id is null;
      v_left := v_left - 1;
      return query select v_row.delivery_id, v_row.claim_token, v_row.kind, v_row.state_id, v_place.place, v_place.parent, v_place.guild,
                          v_row.nonce, v_row.remote_id, v_row.attempt > 1, case when v_row.attempt > 1 then core.known_before(v_due) end,
                          v_row.content, v_row.reply_token;
    end loop;
    exit when v_due.delivery_id is null or v_row.delivery_id is not null;  -- else all that was due needed no sending: look on
    v_due := null;
  end loop;
end $$;
revoke all on function api.claim_deliveries(text, int, bigint, interval, text) from public;
comment on function api.claim_deliveries(text, int, bigint, interval, text) is $$Lease what the calling front end is to send now, in order within a design; no row when there is nothing.
p_worker: name of the process; start_front_end with it gives back what its earlier life held.
p_limit: at most so many, 1 to 50.
p_design: only what is about this design or goes to its place; null for everything.
p_lease: how long they stay the caller's, 1 s to 1 h.
p_place: only what goes to this place, for whoever has no design yet; null for everything.
Returns: token is the fence; record_delivery or fail_delivery asks for it.  place, parent and guild say where to; remote_id is the message to edit, null when it is to be sent.  again: it was claimed before, so read what stands at the place after number `after` and look for the nonce before sending it.
Locks: the rows it gives out, passing over those that others have locked.
Raises: PB042.
Example:
terminal=> select receive_event('anna', 'Anna', 'k1', 'design', 'a 555 blinker', p_place => 'tty1') ->> 'outcome';
taken
terminal=> select kind, design, place, again, content ->> 'state' from claim_deliveries('one');
status | 1 | tty1 | f | briefing
terminal=> select kind from claim_deliveries('another');$$;
