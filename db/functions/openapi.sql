create or replace function api.openapi()
returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_role constant name := (core.caller()).role;
  v_paths jsonb;
begin
  select jsonb_object_agg(x.path, x.operation) into v_paths from (
    select '/rpc/' || p.proname as path, core.openapi_function(p.oid) as operation
      from pg_proc p
     where p.pronamespace = 'api'::regnamespace and has_function_privilege(v_role, p.oid, 'execute')
       and p.proname <> 'pre_request'  -- what a server says before a request is none
    union all
    select '/' || c.relname, core.openapi_view(c.oid)
      from pg_class c
     where c.relnamespace = 'api'::regnamespace and c.relkind = 'v' and has_table_privilege(v_role, c.oid, 'select')) x;
  return jsonb_build_object(
    'openapi', '3.1.0',
    'info', jsonb_build_object('title', 'hardware_mas', 'version', api.schema_version(),
              'description', 'Say in plain words what circuit board you need; agents design it, build it and test it until it passes.'),
    'paths', coalesce(v_paths, '{}'),
    'components', jsonb_build_object('schemas', jsonb_build_object('Error', jsonb_build_object(
      'type', 'object', 'required', '["code", "message", "what_to_do"]'::jsonb, 'properties', jsonb_build_object(
        'code', '{"type": "string", "description": "What to match: a code of x-error-codes, or of the server that is asked."}'::jsonb,
        'message', '{"type": "string", "description": "What is wrong, for people."}'::jsonb,
        'what_to_do', '{"type": "string", "description": "What to do about it."}'::jsonb)))),
    'x-error-codes', (select jsonb_object_agg(e.code, jsonb_build_object('status', e.http_status, 'name', e.name, 'what_to_do', e.what_to_do))
                        from core.error_codes e));
end $$;
revoke all on function api.openapi() from public;
comment on function api.openapi() is $$What the caller may use, as an OpenAPI 3.1 document made from the catalogue: POST /rpc/FUNCTION with an object of its arguments, GET /VIEW with limit, offset, order and filters; and what each error is over HTTP. Where it is served, and how one signs in, its server adds.
Returns: the document; x-returns says of a function whether it answers with a set, a value, a file or nothing.
Raises: nothing
Example:
web_user=> select d ->> 'openapi', d -> 'paths' -> '/rpc/design_status' -> 'post' ->> 'x-returns' from openapi() d;
3.1.0 | value
web_user=> select openapi() -> 'paths' ? '/rpc/claim_task';
f$$;
