create or replace function api.bill_of_materials(p_design bigint)
returns table (quantity bigint, refs text, value text, footprint text, part text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.design_of_caller(p_design);
  return query
    select count(*), string_agg(f.ref, ' ' order by length(f.ref), f.ref), f.value, f.footprint, f.part
      from core.board_footprints f where f.script_id = core.best_script_id(p_design)
     group by f.value, f.footprint, f.part order by min(f.ref);
end $$;
revoke all on function api.bill_of_materials(bigint) from public;
comment on function api.bill_of_materials(bigint) is $$The parts of a design's best board so far, like with like.
p_design: number of the design.
Raises: PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select quantity, refs, value from bill_of_materials(1);$$;
