-- any_word_of: what has any of the first 300 words of a vector; null, which fits nothing, for none.
create or replace function core.any_word_of(p_vector tsvector)
returns tsquery language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select string_agg(format('''%s''', replace(replace(w, '\', '\\'), '''', '''''')), ' | ')::tsquery
    from (select unnest(tsvector_to_array(p_vector)) as w limit 300) x
$$;
revoke all on function core.any_word_of(tsvector) from public;
comment on function core.any_word_of(tsvector) is 'What has any word of a vector.';
