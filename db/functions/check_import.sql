-- check_import: everything that is wrong with rows for import, before any of them is written; no row when nothing is.
create or replace function core.check_import(p_kind text, p_rows jsonb)
returns setof core.import_line language sql stable
set search_path = pg_catalog, pg_temp as $$
  with rows as materialized (
    select n::int as "row", x as fields from jsonb_array_elements(p_rows) with ordinality e (x, n)
  ), fields as materialized (
    select r."row", k.key as name, jsonb_typeof(k.value) as given, r.fields ->> k.key as text, c.type, c.pattern, c.longest, c.rule
      from rows r, jsonb_each(case jsonb_typeof(r.fields) when 'object' then r.fields else '{}' end) k
      left join core.import_columns c on c.kind = p_kind and c.name = k.key
  )
  select r."row", 'refused', null, 'the row is no object' from rows r where jsonb_typeof(r.fields) <> 'object'
  union all
  select f."row", 'refused', f.name, format('%s has no such column; it has %s', p_kind,
         (select string_agg(c.name, ', ' order by c.position) from core.import_columns c where c.kind = p_kind))
    from fields f where f.type is null
  union all
  select r."row", 'refused', c.name, format('is missing: %s', c.rule)
    from rows r join core.import_columns c on c.kind = p_kind and c.required
   where jsonb_typeof(r.fields) = 'object' and r.fields ->> c.name is null
  union all
  select f."row", 'refused', f.name, format('%s is not %s', left(to_json(f.text)::text, 80), f.rule)
    from fields f where f.type is not null and f.text is not null
     and (f.text = '' or f.text !~ f.pattern or length(f.text) > f.longest or (f.type <> 'text' and not pg_input_is_valid(f.text, f.type))
          or (f.type <> 'jsonb' and f.given in ('object', 'array')))
  union all
  select d."row", 'refused', d.name, format('%s stands in row %s already', left(d.key::text, 80), d.first)
    from (select r."row", k.key, k.name, min(r."row") over (partition by k.key) as first
            from rows r, lateral (select jsonb_agg(r.fields -> c.name order by c.position) as key, min(c.name) as name
                                    from core.import_columns c where c.kind = p_kind and c.is_key) k
           where k.key is not null) d
   where d."row" > d.first
  union all
  select p.* from core.check_references(p_kind, p_rows) p
$$;
revoke all on function core.check_import(text, jsonb) from public;
comment on function core.check_import(text, jsonb) is 'What is wrong with rows for import, one line a thing.';
