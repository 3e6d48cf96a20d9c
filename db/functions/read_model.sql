-- read_model: settings of a model as people write them: '0.1' is a number and 'true' a boolean where the setting is one, 1 a
-- text where it is a text; a null says that the setting is to go.   Raises: PB043 for what is no object, or no setting.
create or replace function core.read_model(p_model jsonb)
returns jsonb language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(p_model) is distinct from 'object'
     or exists (select from jsonb_object_keys(p_model) s (key) where s.key not in (select k.key from core.model_keys() k)) then
    raise exception '%', core.model_problem(p_model) using errcode = 'PB043';
  end if;
  return (
    select coalesce(jsonb_object_agg(s.key, case
             when k.kind in ('number', 'whole') and s.value #>> '{}' ~ '^-?[0-9]{1,9}(\.[0-9]{1,9})?$' then to_jsonb((s.value #>> '{}')::numeric)
             when k.kind = 'boolean' and s.value #>> '{}' in ('true', 'false') then to_jsonb((s.value #>> '{}')::boolean)
             when k.kind = 'text' and jsonb_typeof(s.value) = 'number' then to_jsonb(s.value #>> '{}')
             else s.value end), '{}')
      from jsonb_each(p_model) s join core.model_keys() k on k.key = s.key);
end $$;
revoke all on function core.read_model(jsonb) from public;
comment on function core.read_model(jsonb) is 'Settings of a model with the types that they have.';
