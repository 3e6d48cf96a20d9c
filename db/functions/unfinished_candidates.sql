-- unfinished_candidates: the candidates of a design that have not ended, in the order in which their rows are locked.
create or replace function core.unfinished_candidates(p_state_id bigint)
returns setof core.design_states language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return query select d.* from core.design_states d where d.candidate_of = p_state_id and d.finished_at is null order by d.state_id;
end $$;
revoke all on function core.unfinished_candidates(bigint) from public;
comment on function core.unfinished_candidates(bigint) is 'Candidates of a design that have not ended.';
