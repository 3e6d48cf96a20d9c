-- json_schema: a type of PostgreSQL's as JSON Schema has it.   p_or_null: whether null is one of its values.
create or replace function core.json_schema(p_type oid, p_or_null boolean default false)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  v_array constant oid := (select t.typelem from pg_type t where t.oid = p_type and t.typcategory = 'A');
  v_schema jsonb;
begin
  v_schema := case when v_array is not null then jsonb_build_object('type', 'array', 'items', core.json_schema(v_array))
    else case format_type(p_type, null)
      when 'smallint' then '{"type": "integer", "minimum": -32768, "maximum": 32767}'
      when 'integer'  then '{"type": "integer", "format": "int32", "minimum": -2147483648, "maximum": 2147483647}'
      when 'bigint'   then '{"type": "integer", "format": "int64", "minimum": -9223372036854775808, "maximum": 9223372036854775807}'
      when 'numeric'  then '{"type": "number"}'
      when 'double precision' then '{"type": "number", "format": "double"}'
      when 'boolean'  then '{"type": "boolean"}'
      when 'uuid'     then '{"type": "string", "format": "uuid"}'
      when 'timestamp with time zone' then '{"type": "string", "format": "date-time"}'
      when 'name'     then '{"type": "string", "maxLength": 63}'
      when 'jsonb'    then '{}'
      when 'void'     then '{"type": "null"}'
      else '{"type": "string", "pattern": "^[^\\u0000]*$"}' end::jsonb end;  -- PostgreSQL knows no NUL in text
  return case when p_or_null and v_schema ->> 'type' <> 'null'
              then v_schema || jsonb_build_object('type', jsonb_build_array(v_schema -> 'type', 'null')) else v_schema end;
end $$;
revoke all on function core.json_schema(oid, boolean) from public;
comment on function core.json_schema(oid, boolean) is 'A type of PostgreSQL''s as JSON Schema has it.';
