create or replace function api.cancel_design(p_design bigint)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.lock_design(p_design);
  perform core.stop_design(p_design);
end $$;
revoke all on function api.cancel_design(bigint) from public;
comment on function api.cancel_design(bigint) is $$Cancel a design, its work and its candidates; work in hand learns of it at its next heartbeat.
p_design: number of the design.
Locks: the design's row, then its task's, then its candidates'.
Raises: PB005 when it has ended, PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select cancel_design(1);
terminal=> select design_status(1) ->> 'state';
cancelled
terminal=> select cancel_design(1);
PB005: design 1 is cancelled and cannot be cancelled$$;
