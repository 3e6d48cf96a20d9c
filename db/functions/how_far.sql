-- how_far: by which attempts are compared, larger is better: tested before built before written, then fewest failed checks.
create or replace function core.how_far(p_script core.design_scripts)
returns int[] language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select array[(p_script.checks is not null)::int, (p_script.summary is not null)::int,
               - jsonb_array_length(jsonb_path_query_array(coalesce(p_script.checks, '[]'), '$[*] ? (@.passed == false)')),
               (p_script.script_content <> '')::int]
$$;
revoke all on function core.how_far(core.design_scripts) from public;
comment on function core.how_far(core.design_scripts) is 'How far an attempt came; larger is better.';
