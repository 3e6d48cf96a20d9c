-- deliver: something for whoever talks about a design, after all that is on its way there; nothing when nobody does.
create or replace function core.deliver(p_state_id bigint, p_kind text, p_content jsonb default '{}', p_message_id bigint default null)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  insert into core.outbox (front_end, place_id, state_id, lane, kind, content, message_id)
  select p.front_end, p.place_id, d.state_id, d.state_id, p_kind, p_content, p_message_id
    from core.design_states d join core.places p using (place_id) where d.state_id = p_state_id;
end $$;
revoke all on function core.deliver(bigint, text, jsonb, bigint) from public;
comment on function core.deliver(bigint, text, jsonb, bigint) is 'Write a delivery to the place of a design.';
