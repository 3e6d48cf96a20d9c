-- openapi_function: the path of a function in the OpenAPI document: POST of its arguments as an object.
create or replace function core.openapi_function(p_function oid)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  v_comment constant text := obj_description(p_function, 'pg_proc');
  v_arguments constant jsonb := core.openapi_arguments(p_function);
  v_result record;
  v_errors jsonb;
begin
  select r.* into v_result from core.openapi_result(p_function) r;
  select coalesce(jsonb_object_agg(e.status, jsonb_build_object('description', e.words, 'content',
           '{"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}'::jsonb)), '{}') into v_errors
    from (select c.http_status as status, string_agg(format('%s %s: %s', c.code, c.name, c.what_to_do), e'\n' order by c.code) as words
            from core.error_codes c
           where c.code in (select m[1] from regexp_matches(core.comment_field(v_comment, 'Raises'), 'PB\d{3}', 'g') m)
           group by c.http_status) e;
  return jsonb_build_object('post', jsonb_build_object(
    'operationId', (select p.proname from pg_proc p where p.oid = p_function), 'x-returns', v_result.kind,
    'description', concat_ws(e'\n\n', core.comment_field(v_comment, null), 'Returns: ' || core.comment_field(v_comment, 'Returns')),
    'requestBody', jsonb_build_object('required', v_arguments ? 'required',
                                      'content', jsonb_build_object('application/json', jsonb_build_object('schema', v_arguments))),
    'responses', v_errors || jsonb_build_object('200', jsonb_build_object('description', 'Done.', 'content', v_result.content))));
end $$;
revoke all on function core.openapi_function(oid) from public;
comment on function core.openapi_function(oid) is 'The path of a function in the OpenAPI document.';
