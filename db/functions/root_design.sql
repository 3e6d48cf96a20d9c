-- root_design: the design whose budget a design's calls count for: its own, or of a candidate that which it stands for.
create or replace function core.root_design(p_state_id bigint)
returns bigint language sql stable
set search_path = pg_catalog, pg_temp as $$
  select coalesce(d.candidate_of, d.state_id) from core.design_states d where d.state_id = p_state_id
$$;
revoke all on function core.root_design(bigint) from public;
comment on function core.root_design(bigint) is 'The design whose budget a design''s calls count for.';
