-- held_delivery: a delivery under its claim, locked.   Raises: PB001.
create or replace function core.held_delivery(p_delivery_id bigint, p_token uuid)
returns core.outbox language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_row core.outbox;
begin
  select o.* into v_row from core.outbox o where o.delivery_id = p_delivery_id and o.front_end = (core.caller()).role for update;
  if v_row.claim_token is distinct from p_token or p_token is null then
    raise exception 'the claim of delivery % is lost', p_delivery_id using errcode = 'PB001';
  end if;
  return v_row;
end $$;
revoke all on function core.held_delivery(bigint, uuid) from public;
comment on function core.held_delivery(bigint, uuid) is 'A delivery under its claim, or PB001.';
