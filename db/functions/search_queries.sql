-- search_queries: what is looked for, a query for each of the first sixteen words: SOT-223 is 'sot223:*' | 'sot:*' & '223:*',
-- so that it is found however it is written, and what begins so is found, too.
create or replace function core.search_queries(p_words text)
returns tsquery[] language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select array(
    select (select string_agg(format('''%s''%s', t, case when length(t) > 1 then ':*' else '' end), ' & ')
              from regexp_split_to_table(m[1], '[^[:alnum:].]+') t where t <> '')::tsquery
           || case when j.joined <> m[1] then format('''%s'':*', j.joined) else '' end::tsquery
      from regexp_matches(lower(left(p_words, 400)), '[[:alnum:]]+(?:[._+-]+[[:alnum:]]+)*', 'g') with ordinality x (m, n),
           lateral (select left(regexp_replace(m[1], '[^[:alnum:].]+', '', 'g'), 60) as joined) j
     order by n limit 16)
$$;
revoke all on function core.search_queries(text) from public;
comment on function core.search_queries(text) is 'A query for each word that is looked for.';
