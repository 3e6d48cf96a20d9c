-- library_page_problem: what is wrong with a page of a library, in words; null when nothing is.
create or replace function core.library_page_problem(p_kind text, p_version text, p_rows jsonb)
returns text language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
declare
  v_name constant text := case p_kind when 'symbols' then 'symbol' when 'footprints' then 'footprint' end;
  v_count constant text := case p_kind when 'symbols' then 'pins' when 'footprints' then 'pads' end;
  v_bad bigint;
begin
  if v_name is null then
    return format('there is no library of %s; there are symbols and footprints', coalesce(p_kind, 'null'));
  elsif length(p_version) not between 1 and 200 or p_version is null then
    return 'a version has 1 to 200 characters';
  elsif jsonb_typeof(p_rows) is distinct from 'array' or jsonb_array_length(p_rows) > 5000 then
    return 'a page is an array of at most 5000 objects';
  end if;
  select e.n into v_bad from jsonb_array_elements(p_rows) with ordinality e (x, n)
   where (jsonb_typeof(e.x) = 'object' and e.x ->> v_name ~ '^[^:]+:.' and length(e.x ->> v_name) <= 400
          and e.x ->> v_count ~ '^[0-9]{1,6}$') is not true order by e.n limit 1;
  return case when v_bad is not null then format('row %s has no %s like Library:Name, or no number of %s', v_bad, v_name, v_count) end;
end $$;
revoke all on function core.library_page_problem(text, text, jsonb) from public;
comment on function core.library_page_problem(text, text, jsonb) is 'What is wrong with a page of a library, or null.';
