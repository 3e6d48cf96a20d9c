-- stop_design: cancel a design, its work and its candidates.
-- Locks: the design's row, then its task's, then the candidates'.   Raises: PB005 when it has ended, PB006.
create or replace function core.stop_design(p_state_id bigint)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_task core.tasks;
begin
  perform core.move_design(p_state_id, 'cancelled');
  for v_task in select t.* from core.tasks t where t.state_id = p_state_id for update loop
    perform core.cancel(v_task);
  end loop;
  perform core.stop_design(c.state_id) from core.unfinished_candidates(p_state_id) c;
end $$;
revoke all on function core.stop_design(bigint) from public;
comment on function core.stop_design(bigint) is 'Cancel a design, its work and its candidates.';
