-- Checked before anything is written; a dry run writes, and takes it back by a subtransaction.
create or replace function api.import_rows(p_kind text, p_rows jsonb, p_dry_run boolean default false)
returns setof core.import_line language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_lines core.import_line[];
begin
  if not exists (select from core.import_columns c where c.kind = p_kind) then
    raise exception 'there is no import of %; there is %', p_kind,
      (select string_agg(distinct c.kind, ', ') from core.import_columns c) using errcode = 'PB036';
  elsif jsonb_typeof(p_rows) is distinct from 'array' then
    raise exception 'rows come as a JSON array of objects' using errcode = 'PB036';
  elsif jsonb_array_length(p_rows) > 10000 then
    raise exception '% rows at once, 10000 are allowed', jsonb_array_length(p_rows) using errcode = 'PB036';
  end if;
  select array_agg(l order by l."row", l."column") into v_lines from core.check_import(p_kind, p_rows) l;
  if v_lines is null then
    begin
      case p_kind
        when 'parts'    then select array_agg(l order by l."row") into v_lines from core.take_parts(p_rows) l;
        when 'users'    then select array_agg(l order by l."row") into v_lines from core.take_users(p_rows) l;
        when 'designs'  then select array_agg(l order by l."row") into v_lines from core.take_examples(p_rows) l;
        when 'settings' then select array_agg(l order by l."row") into v_lines from core.take_settings(p_rows) l;
      end case;
      if p_dry_run then
        raise triggered_action_exception;  -- never seen outside: it takes back what was written and keeps v_lines
      end if;
    exception when triggered_action_exception then null;
    end;
  end if;
  return query select l.* from unnest(v_lines) l;
end $$;
revoke all on function api.import_rows(text, jsonb, boolean) from public;
comment on function api.import_rows(text, jsonb, boolean) is $$Import rows: all of them or none; a dry run says what would happen. A row that is there is found by its key: a column that is absent stays, one that is null is emptied.
p_kind: parts, users, designs or settings.
p_rows: an array of at most 10,000 objects, as import_columns describes them.
p_dry_run: write nothing.
Returns: a line a row (inserted, updated or unchanged), or only what is wrong (refused, with row and column).
Locks: the rows it writes.
Raises: PB036.
Example:
admin=> select * from import_rows('settings', '[{"name": "task_history_days", "value": "60"}]', p_dry_run => true);
1 | updated |  | 
admin=> select "row", action, "column" from import_rows('settings', '[{"name": "task_history_days", "value": "soon"}]');
1 | refused | value$$;
