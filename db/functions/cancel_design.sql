-- cancel_design: the user no longer wants it; work in hand learns of it at its next heartbeat.   Raises: PB005, PB006.
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
comment on function api.cancel_design(bigint) is 'Cancel a design and its work.';
