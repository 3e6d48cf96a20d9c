-- count_hits: how well a row fits what is looked for: 1 for each word that it has, and a half more when its name has it.
create or replace function core.count_hits(p_search tsvector, p_queries tsquery[])
returns double precision language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select coalesce(sum((p_search @@ q)::int + 0.5 * (ts_filter(p_search, '{a}') @@ q)::int), 0) from unnest(p_queries) q
$$;
revoke all on function core.count_hits(tsvector, tsquery[]) from public;
comment on function core.count_hits(tsvector, tsquery[]) is 'How well a row fits what is looked for.';
