create or replace function api.netlist(p_design bigint)
returns table (net text, pads text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.design_of_caller(p_design);
  return query
    select p.net, string_agg(distinct p.ref || '.' || p.number, ' ') from core.board_pads p
     where p.script_id = core.best_script_id(p_design) and p.net is not null group by p.net order by p.net;
end $$;
revoke all on function api.netlist(bigint) from public;
comment on function api.netlist(bigint) is $$Which pads each net of a design's best board so far joins.
p_design: number of the design.
Raises: PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select net, pads from netlist(1);$$;
