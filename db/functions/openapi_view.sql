-- openapi_view: the path of a view in the OpenAPI document: GET of its rows, with filters on whole numbers, words and truth values.
create or replace function core.openapi_view(p_view oid)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  v_names constant text := (select string_agg(a.attname, '|' order by a.attnum) from pg_attribute a where a.attrelid = p_view and a.attnum > 0);
  v_filters jsonb;
  v_columns jsonb;
begin
  select jsonb_object_agg(a.attname, core.json_schema(a.atttypid, true)
                                     || jsonb_build_object('description', col_description(p_view, a.attnum))),
         jsonb_agg(jsonb_build_object('name', a.attname, 'in', 'query', 'description', format('Only rows with this %s: eq.VALUE.', a.attname),
                                      'schema', jsonb_build_object('type', 'string', 'pattern', f.pattern)) order by a.attnum)
           filter (where f.pattern is not null)
    into v_columns, v_filters
    from pg_attribute a
    left join (values ('smallint', '^eq\.-?[0-9]{1,4}$'), ('integer', '^eq\.-?[0-9]{1,9}$'), ('bigint', '^eq\.-?[0-9]{1,18}$'),
                      ('boolean', '^eq\.(true|false)$'), ('text', '^eq\.[^\u0000]{0,200}$'), ('name', '^eq\.[^\u0000]{0,63}$')) f (type, pattern)
      on f.type = format_type(a.atttypid, null)
   where a.attrelid = p_view and a.attnum > 0;
  return jsonb_build_object('get', jsonb_build_object(
    'operationId', (select c.relname from pg_class c where c.oid = p_view),
    'description', core.comment_field(obj_description(p_view, 'pg_class'), null),
    'parameters', jsonb_build_array(
      '{"name": "limit", "in": "query", "description": "At most so many rows.", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}}'::jsonb,
      '{"name": "offset", "in": "query", "description": "So many rows are passed over.", "schema": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 0}}'::jsonb,
      jsonb_build_object('name', 'order', 'in', 'query', 'description', 'A column, and .desc for the greatest first.',
                         'schema', jsonb_build_object('type', 'string', 'pattern', format('^(%s)(\.asc|\.desc)?$', v_names)))) || v_filters,
    'responses', jsonb_build_object('200', jsonb_build_object('description', 'The rows.', 'content', jsonb_build_object(
      'application/json', jsonb_build_object('schema', jsonb_build_object('type', 'array', 'items',
        jsonb_build_object('type', 'object', 'properties', v_columns))))))));
end $$;
revoke all on function core.openapi_view(oid) from public;
comment on function core.openapi_view(oid) is 'The path of a view in the OpenAPI document.';
