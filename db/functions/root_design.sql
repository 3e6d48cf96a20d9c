-- root_design: the design whose budget a design's calls count for: its own.
create or replace function core.root_design(p_state_id bigint)
returns bigint language sql stable
set search_path = pg_catalog, pg_temp as $$ select p_state_id $$;
revoke all on function core.root_design(bigint) from public;
comment on function core.root_design(bigint) is 'The design whose budget a design''s calls count for.';
