-- example_hash: by which a past design is known wherever it comes from.
create or replace function core.example_hash(p_brief text, p_requirement jsonb, p_script text, p_outcome text)
returns bytea language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(jsonb_build_array(p_brief, p_requirement, p_script, p_outcome)::text, 'UTF8'))
$$;
revoke all on function core.example_hash(text, jsonb, text, text) from public;
comment on function core.example_hash(text, jsonb, text, text) is 'SHA-256 of what makes a past design.';
