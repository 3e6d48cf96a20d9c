-- write_to: an answer to somebody at a place, in pages; p_source: the message that the first of them replies to.
create or replace function core.write_to(
  p_place_id bigint, p_text text, p_source text, p_user_id bigint, p_design bigint default null, p_buttons text[] default '{}')
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_front_end core.front_ends;
  v_pages text[];
begin
  select f.* into v_front_end from core.places p join core.front_ends f on f.name = p.front_end where p.place_id = p_place_id;
  v_pages := array(select core.pages(p_text, v_front_end.message_length));
  insert into core.outbox (front_end, place_id, state_id, user_id, lane, kind, content)
  select v_front_end.name, p_place_id, p_design, p_user_id, -p_place_id, 'answer', jsonb_strip_nulls(jsonb_build_object(
           'text', page, 'source', case when n = 1 then p_source end,
           'buttons', case when n = cardinality(v_pages) then nullif(to_jsonb(p_buttons), '[]') end))
    from unnest(v_pages) with ordinality x (page, n) order by n;
  perform pg_notify('design_updates', coalesce(p_design, 0)::text);
end $$;
revoke all on function core.write_to(bigint, text, text, bigint, bigint, text[]) from public;
comment on function core.write_to(bigint, text, text, bigint, bigint, text[]) is 'An answer at a place.';
