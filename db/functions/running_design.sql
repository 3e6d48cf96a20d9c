-- running_design: the caller's design, locked, if it has not ended.   Locks: its row.   Raises: PB006, PB010.
create or replace function core.running_design(p_design bigint)
returns core.design_states language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_design core.design_states;
begin
  select d.* into v_design from core.design_states d where d.state_id = p_design for no key update;  -- row security filters
  if not found then
    raise exception 'there is no design % of yours', p_design using errcode = 'PB006';
  elsif v_design.candidate_of is not null then
    raise exception 'design % is a candidate of design %: name that', p_design, v_design.candidate_of using errcode = 'PB006';
  elsif v_design.finished_at is not null then
    raise exception 'design % has ended', p_design using errcode = 'PB010';
  end if;
  return v_design;
end $$;
revoke all on function core.running_design(bigint) from public;
comment on function core.running_design(bigint) is 'The caller''s design, locked, or PB006 or PB010.';
