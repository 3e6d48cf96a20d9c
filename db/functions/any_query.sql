-- any_query: what fits any of the queries; null, which fits nothing, when there is none.
create or replace function core.any_query(p_queries tsquery[])
returns tsquery language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select string_agg(format('(%s)', q), ' | ')::tsquery from unnest(p_queries) q
$$;
revoke all on function core.any_query(tsquery[]) from public;
comment on function core.any_query(tsquery[]) is 'What fits any of the queries.';
