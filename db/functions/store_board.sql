create or replace function api.store_board(p_task_id bigint, p_token uuid, p_board jsonb)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_script_id constant bigint := core.last_script_id((core.held_task(p_task_id, p_token)).state_id);
begin
  perform core.forget_board(v_script_id);
  insert into core.board_footprints (script_id, ref, value, footprint, symbol, part, x_mm, y_mm, rotation, side)
  select v_script_id, f ->> 'ref', f ->> 'value', f ->> 'footprint', f ->> 'symbol', f ->> 'part',
         (f -> 'at' ->> 0)::float8, (f -> 'at' ->> 1)::float8, (f ->> 'rotation')::float8, f ->> 'side'
    from jsonb_array_elements(p_board -> 'footprints') f;
  insert into core.board_nets (script_id, net)
  select distinct v_script_id, n ->> 'net'
    from jsonb_array_elements((p_board -> 'pads') || (p_board -> 'tracks') || (p_board -> 'vias')) n where n ->> 'net' <> '';
  insert into core.board_pads (script_id, ref, pad_index, number, net, kind, x_mm, y_mm, drill_mm)
  select v_script_id, p ->> 'ref', i, p ->> 'number', nullif(p ->> 'net', ''), p ->> 'kind',
         (p -> 'at' ->> 0)::float8, (p -> 'at' ->> 1)::float8, (p ->> 'drill_mm')::float8
    from jsonb_array_elements(p_board -> 'pads') with ordinality x (p, i);
  insert into core.board_tracks (script_id, track_index, net, layer, width_mm, x0_mm, y0_mm, x1_mm, y1_mm)
  select v_script_id, i, t ->> 'net', coalesce(t ->> 'layer', 'via'), coalesce(t ->> 'width_mm', t ->> 'diameter_mm')::float8,
         (coalesce(t -> 'start', t -> 'at') ->> 0)::float8, (coalesce(t -> 'start', t -> 'at') ->> 1)::float8,
         (coalesce(t -> 'end', t -> 'at') ->> 0)::float8, (coalesce(t -> 'end', t -> 'at') ->> 1)::float8
    from jsonb_array_elements((p_board -> 'tracks') || (p_board -> 'vias')) with ordinality x (t, i)
   where t ->> 'net' <> '';
end $$;
revoke all on function api.store_board(bigint, uuid, jsonb) from public;
comment on function api.store_board(bigint, uuid, jsonb) is $$Store the built board of the present attempt as rows, so that a bill of materials or a netlist is a query; said again it replaces what was there.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_board: {footprints, pads, tracks, vias}, lengths in millimetres.
Locks: the design's row, then the task's and the board's.
Raises: PB001.
Example:
kicad=> select store_board(1, gen_random_uuid(), '{"footprints": [], "pads": [], "tracks": [], "vias": []}');
PB001: the lease of task 1 is lost$$;
