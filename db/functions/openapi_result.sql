-- openapi_result: what a function answers: its kind (set, value, file or nothing), and the content that it has over HTTP.
create or replace function core.openapi_result(p_function oid, out kind text, out content jsonb)
language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  p pg_proc;
  v_columns jsonb;
  v_schema jsonb;
begin
  select f.* into p from pg_proc f where f.oid = p_function;
  kind := case when p.proretset then 'set' when p.prorettype = 'bytea'::regtype then 'file' when p.prorettype = 'void'::regtype then 'nothing' else 'value' end;
  select jsonb_object_agg(c.name, core.json_schema(c.type, true)) into v_columns from (
    select p.proargnames[n] as name, t as type
      from unnest(p.proallargtypes, p.proargmodes) with ordinality x (t, mode, n) where x.mode in ('t', 'o')
     union all
    select a.attname, a.atttypid from pg_type t join pg_attribute a on a.attrelid = t.typrelid
     where t.oid = p.prorettype and a.attnum > 0 and not a.attisdropped) c;
  v_schema := case when v_columns is null then core.json_schema(p.prorettype, true)
                   else jsonb_build_object('type', 'object', 'properties', v_columns) end;
  content := case kind when 'file' then '{"application/octet-stream": {}, "image/*": {}, "text/*": {}, "application/*": {}, "model/*": {}}'
                       when 'set'  then jsonb_build_object('application/json', jsonb_build_object('schema',
                                          jsonb_build_object('type', 'array', 'items', v_schema)))
                       else jsonb_build_object('application/json', jsonb_build_object('schema', v_schema)) end;
end $$;
revoke all on function core.openapi_result(oid) from public;
comment on function core.openapi_result(oid) is 'What a function answers over HTTP.';
