-- list_designs: the designs that the caller may see, newest first.
create or replace function api.list_designs(p_limit int default 50)
returns table (design bigint, title text, state text, attempt smallint, created_at timestamptz, finished_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select d.state_id, d.state_description, d.state, d.attempt, d.created_at, d.finished_at
    from core.design_states d order by d.state_id desc limit p_limit
$$;
revoke all on function api.list_designs(int) from public;
comment on function api.list_designs(int) is 'Designs that the caller may see, newest first.';
