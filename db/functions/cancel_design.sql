create or replace function api.cancel_design(p_design bigint)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_task core.tasks;
begin
  perform core.move_design(p_design, 'cancelled');
  for v_task in select t.* from core.tasks t where t.state_id = p_design for update loop
    perform core.cancel(v_task);
  end loop;
end $$;
revoke all on function api.cancel_design(bigint) from public;
comment on function api.cancel_design(bigint) is $$Cancel a design and its work; work in hand learns of it at its next heartbeat.
p_design: number of the design.
Locks: the design's row, then its task's.
Raises: PB005 when it has ended, PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select cancel_design(1);
terminal=> select design_status(1) ->> 'state';
cancelled
terminal=> select cancel_design(1);
PB005: design 1 is cancelled and cannot be cancelled$$;
