-- design_of_caller: the design, if the caller may see it.   Raises: PB006.
create or replace function core.design_of_caller(p_design bigint)
returns core.design_states language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare v_design core.design_states;
begin
  select d.* into v_design from core.design_states d where d.state_id = p_design;  -- row security filters by caller
  if not found then
    raise exception 'there is no design % of yours', p_design using errcode = 'PB006';
  end if;
  return v_design;
end $$;
revoke all on function core.design_of_caller(bigint) from public;
comment on function core.design_of_caller(bigint) is 'The design if the caller may see it, or PB006.';
