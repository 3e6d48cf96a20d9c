-- ring_front_ends: tell waiting front ends that a design has changed; the ring carries its number and nothing else.  Its status,
-- if it has one, is due again; one that is being sent stays in hand and is due after that.
-- Locks: the status's row: who is sending it is waited for, so that no change is lost between them.
create or replace function core.ring_front_ends(p_state_id bigint)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  update core.outbox o
     set changed = true, state = case o.state when 'sent' then 'waiting' else o.state end,
         due_at = case o.state when 'sent' then greatest(o.due_at, core.now()) else o.due_at end
   where o.state_id = p_state_id and o.kind = 'status';
  perform pg_notify('design_updates', p_state_id::text);
end $$;
revoke all on function core.ring_front_ends(bigint) from public;
comment on function core.ring_front_ends(bigint) is 'Ring design_updates with the design''s number; its status is due again.';
