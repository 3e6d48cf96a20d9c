create or replace function api.export_rows(p_kind text)
returns setof jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  case p_kind
    when 'parts' then
      return query select to_jsonb(p) - array['value_si', 'changed_at'] from core.parts p order by length(p.lcsc), p.lcsc;
    when 'users' then
      return query select to_jsonb(u) - array['user_id', 'created_at', 'forgotten_at'] from core.users u where u.forgotten_at is null order by u.front_end, u.account;
    when 'designs' then
      return query select e.* from core.export_designs() e;
    when 'settings' then
      return query select jsonb_build_object('name', s.name, 'value', s.value) from core.settings s order by s.name;
    else
      raise exception 'there is no export of %; there is %', p_kind,
        (select string_agg(distinct c.kind, ', ') from core.import_columns c) using errcode = 'PB036';
  end case;
end $$;
revoke all on function api.export_rows(text) from public;
comment on function api.export_rows(text) is $$Everything of a kind, one object a row, as import_rows takes it in another database; designs are those that have ended here and those that were imported.
p_kind: parts, users, designs or settings.
Raises: PB036.
Example:
admin=> select r from export_rows('settings') r limit 1;
{"name": "agent_attempt_limit", "value": "8"}$$;
