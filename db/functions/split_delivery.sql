create or replace function api.split_delivery(p_delivery_id bigint, p_token uuid, p_groups jsonb)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_row core.outbox;
  v_part int;
  v_of int;
begin
  v_row := core.held_delivery(p_delivery_id, p_token);
  if v_row.kind <> 'files' or jsonb_typeof(p_groups) is distinct from 'array' or jsonb_array_length(p_groups) not between 1 and 100
     or exists (select from jsonb_array_elements(p_groups) g where jsonb_typeof(g) <> 'array' or g = '[]')
     or exists (select from jsonb_array_elements(p_groups) g, jsonb_array_elements(case jsonb_typeof(g) when 'array' then g end) n where jsonb_typeof(n) <> 'string') then
    raise exception 'files are split into 1 to 100 groups of names' using errcode = 'PB042';
  end if;
  v_part := (v_row.content ->> 'part')::int;
  v_of := (v_row.content ->> 'of')::int + jsonb_array_length(p_groups) - 1;
  update core.outbox o set content = o.content || jsonb_build_object('names', p_groups -> 0, 'of', v_of) where o.delivery_id = p_delivery_id;
  insert into core.outbox (front_end, place_id, state_id, lane, kind, content)
  select v_row.front_end, v_row.place_id, v_row.state_id, v_row.lane, 'files', jsonb_build_object('names', g.names, 'part', v_part + g.n - 1, 'of', v_of)
    from jsonb_array_elements(p_groups) with ordinality g (names, n) where g.n > 1 order by g.n;
end $$;
revoke all on function api.split_delivery(bigint, uuid, jsonb) from public;
comment on function api.split_delivery(bigint, uuid, jsonb) is $$Make several deliveries of files that are too large for one: this one is the first of them, and stays the caller's.
p_delivery_id: number of the delivery, as claimed.
p_token: its token, as claimed.
p_groups: arrays of names, 1 to 100, one for each delivery.
Locks: the delivery's row.
Raises: PB001, PB042 for what are no groups, or a delivery of no files.
Example:
terminal=> select receive_event('anna', 'Anna', 'k1', 'design', 'a 555 blinker', p_place => 'tty1') ->> 'outcome';
taken
terminal=> select split_delivery(delivery_id, token, '[["a.zip"], ["b.zip"]]') from claim_deliveries('one');
PB042: files are split into 1 to 100 groups of names$$;
