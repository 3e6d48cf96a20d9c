-- hold_to_limits: refuse what is more than the limits of people allow, where the calling front end holds them to it; what they
-- may not say is not stored.  The caller holds the person's row.
-- Raises: PB060; its DETAIL is for how many seconds it will be so, empty when nobody knows.
create or replace function core.hold_to_limits(p_user_id bigint, p_says boolean, p_begins boolean)
returns void language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  v_front_end constant name := (core.caller()).role;
  v_full record;
begin
  select w.words, w.wait_s into v_full from (
    select * from core.minute_is_full(v_front_end, p_user_id) where p_says
    union all
    select * from core.designs_are_many(v_front_end, p_user_id) where p_begins) w
   where w.words is not null limit 1;
  if found then
    raise exception '%', v_full.words using errcode = 'PB060', detail = coalesce(v_full.wait_s::text, '');
  end if;
end $$;
revoke all on function core.hold_to_limits(bigint, boolean, boolean) from public;
comment on function core.hold_to_limits(bigint, boolean, boolean) is 'Refuse what is more than the limits of people allow.';
