-- Without it what a killed front end was sending would wait for its lease.  An earlier life that still runs is fenced off.
create or replace function api.start_front_end(p_worker text)
returns int language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_me constant name := (core.my_front_end()).name;
  v_given_back int;
begin
  if p_worker is null or length(p_worker) not between 1 and 200 then
    raise exception 'a worker''s name has 1 to 200 characters' using errcode = 'PB042';
  end if;
  update core.outbox o set state = 'waiting', claimed_by = null, claim_token = null, due_at = core.now()
   where o.delivery_id = any (array(
     select c.delivery_id from core.outbox c where c.front_end = v_me and c.state = 'claimed' and c.claimed_by = p_worker for update skip locked));
  get diagnostics v_given_back = row_count;
  return v_given_back;
end $$;
revoke all on function api.start_front_end(text) from public;
comment on function api.start_front_end(text) is $$Begin a front end's life: what its earlier life of the same name was sending is due again at once, instead of after its lease.
p_worker: name of the process, the same in every life; 1 to 200 characters.
Returns: how many deliveries were given back.
Locks: their rows, passing over those that others have locked.
Raises: PB042 for a name that is none.
Example:
terminal=> select receive_event('anna', 'Anna', 'k1', 'design', 'a 555 blinker', p_place => 'tty1') ->> 'outcome';
taken
terminal=> select kind from claim_deliveries('one');
status
terminal=> select start_front_end('one');
1
terminal=> select kind, again from claim_deliveries('one');
status | t$$;
