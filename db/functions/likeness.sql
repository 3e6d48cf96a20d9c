-- likeness: how alike two designs are by their words, 0 to 1: what they share of what they have (the cosine).
create or replace function core.likeness(p_one tsvector, p_other tsvector)
returns double precision language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select count(*) / greatest(sqrt(length(p_one)::float8 * length(p_other)), 1)
    from (select unnest(tsvector_to_array(p_one)) intersect select unnest(tsvector_to_array(p_other))) x
$$;
revoke all on function core.likeness(tsvector, tsvector) from public;
comment on function core.likeness(tsvector, tsvector) is 'How alike two vectors are, 0 to 1.';
