-- cron_field: the values that a field of a cron expression names: *, 5, mon, 1-5, */15, 8-18/2, and lists of these.
-- p_names: names of the values from p_low on.   Raises: PB012.
create or replace function core.cron_field(p_field text, p_low int, p_high int, p_names text[] default '{}')
returns int[] language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
declare
  v_item text;
  v_parts text[];
  v_name text;
  v_from int;
  v_to int;
  v_values int[] := '{}';
begin
  foreach v_item in array string_to_array(lower(p_field), ',') loop
    v_name := v_item;
    for i in 1 .. cardinality(p_names) loop
      v_item := regexp_replace(v_item, '\m' || p_names[i] || '\M', (p_low + i - 1)::text, 'g');
    end loop;
    v_parts := regexp_match(v_item, '^(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([0-9]{1,2}))?$');
    v_from := coalesce(v_parts[1]::int, p_low);
    v_to := coalesce(v_parts[2]::int, case when v_parts[1] is null or v_parts[3] is not null then p_high else v_from end);
    if v_parts is null or v_from not between p_low and p_high or v_to not between v_from and p_high or v_parts[3]::int = 0 then
      raise exception '"%" is no part of a cron expression: give *, numbers from % to %, ranges, or steps', v_name, p_low, p_high
        using errcode = 'PB012';
    end if;
    v_values := v_values || array(select generate_series(v_from, v_to, coalesce(v_parts[3]::int, 1)));
  end loop;
  return v_values;
end $$;
revoke all on function core.cron_field(text, int, int, text[]) from public;
comment on function core.cron_field(text, int, int, text[]) is 'The values that one field of a cron expression names.';
