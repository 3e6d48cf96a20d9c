-- openapi_arguments: the JSON Schema of the object of a function's arguments.  One without a default must be there; null is a
-- value of those whose default it is.
create or replace function core.openapi_arguments(p_function oid)
returns jsonb language sql stable
set search_path = pg_catalog, pg_temp as $$
  with argument as (
    select p.proargnames[n] as name, t as type, n, pg_get_function_arg_default(p.oid, n::int) as fallback,
           core.comment_field(obj_description(p.oid, 'pg_proc'), p.proargnames[n]) as description
      from pg_proc p, unnest(p.proargtypes::oid[]) with ordinality x (t, n)
     where p.oid = p_function)
  select jsonb_strip_nulls(jsonb_build_object(
    'type', 'object', 'additionalProperties', false,
    'required', jsonb_agg(a.name order by a.n) filter (where a.fallback is null),
    'properties', coalesce(jsonb_object_agg(a.name, core.json_schema(a.type, a.fallback ~ '^NULL')
      || jsonb_build_object('description', a.description)
      || case when a.fallback ~ '^(-?[0-9.]+|true|false)$' then jsonb_build_object('default', a.fallback::jsonb)
              when a.fallback ~ '^''' then jsonb_build_object('default', substring(a.fallback from '^''(.*)''')) else '{}' end)
      filter (where a.name is not null), '{}')))
    from argument a
$$;
revoke all on function core.openapi_arguments(oid) from public;
comment on function core.openapi_arguments(oid) is 'The JSON Schema of a function''s arguments.';
