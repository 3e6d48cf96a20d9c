-- next_run: the first minute after p_after, in UTC, that a cron expression names.   Raises: PB012.
-- As in cron: when both the day of the month and the day of the week are restricted, either is enough.
create or replace function core.next_run(p_cron text, p_after timestamptz)
returns timestamptz language plpgsql immutable
set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
  v_fields constant text[] := regexp_split_to_array(trim(core.cron_macro(p_cron)), '\s+');
  v_minutes int[]; v_hours int[]; v_days int[]; v_months int[]; v_weekdays int[];
  v_day timestamptz;
  v_time timestamptz;
begin
  if cardinality(v_fields) <> 5 then
    raise exception 'a cron expression has five fields, "%" has %', p_cron, cardinality(v_fields) using errcode = 'PB012';
  end if;
  v_minutes  := core.cron_field(v_fields[1], 0, 59);
  v_hours    := core.cron_field(v_fields[2], 0, 23);
  v_days     := core.cron_field(v_fields[3], 1, 31);
  v_months   := core.cron_field(v_fields[4], 1, 12, array['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']);
  v_weekdays := core.cron_field(v_fields[5], 0, 7, array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']);
  for v_day in select generate_series(date_trunc('day', p_after), p_after + interval '9 years', interval '1 day') loop  -- 29 February skips 2100
    continue when extract(month from v_day) <> all (v_months);
    continue when not case when v_fields[3] like '*%' or v_fields[5] like '*%'
      then extract(day from v_day) = any (v_days) and (extract(dow from v_day) = any (v_weekdays) or extract(isodow from v_day) = any (v_weekdays))
      else extract(day from v_day) = any (v_days) or extract(dow from v_day) = any (v_weekdays) or extract(isodow from v_day) = any (v_weekdays) end;
    select min(v_day + make_interval(hours => h, mins => m)) into v_time
      from unnest(v_hours) h, unnest(v_minutes) m where v_day + make_interval(hours => h, mins => m) > p_after;
    if v_time is not null then
      return v_time;
    end if;
  end loop;
  raise exception 'no day ever matches "%"', p_cron using errcode = 'PB012';
end $$;
revoke all on function core.next_run(text, timestamptz) from public;
comment on function core.next_run(text, timestamptz) is 'When a cron expression next comes true, in UTC.';
