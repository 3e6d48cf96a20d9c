-- ring_front_ends: tell waiting front ends that a design has changed; the ring carries its number and nothing else.
create or replace function core.ring_front_ends(p_state_id bigint)
returns void language sql volatile
set search_path = pg_catalog, pg_temp as $$ select pg_notify('design_updates', p_state_id::text) $$;
revoke all on function core.ring_front_ends(bigint) from public;
comment on function core.ring_front_ends(bigint) is 'Ring design_updates with the design''s number.';
