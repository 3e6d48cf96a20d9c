create or replace function api.backup_status()
returns table (kind text, done_at timestamptz, failed_at timestamptz, error text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select l.said[1], max(l.timestamp) filter (where l.said[2] = 'done'), max(l.timestamp) filter (where l.said[2] = 'failed'),
         (array_agg(l.said[3] order by l.timestamp desc) filter (where l.said[2] = 'failed'))[1]
    from (select s.timestamp, regexp_match(s.message, '^backup (full|diff|incr) (done|failed): (.*)$') as said
            from core.system_logs s where s.component = 'postgres') l  -- deploy/backup/backup alone writes under that name
   where l.said is not null
   group by l.said[1] order by l.said[1]
$$;
revoke all on function api.backup_status() from public;
comment on function api.backup_status() is $$When the database was last backed up, and when that last failed, as deploy/backup wrote into system_logs.
Returns: a row for each kind (full, diff, incr) that was ever tried: last success, last failure and its words.
Raises: nothing
Example:
monitor=> select * from backup_status();$$;
