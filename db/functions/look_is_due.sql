-- look_is_due: whether this session should look around before it claims.   p_mark: mas.busy_look or mas.idle_look.
-- A session that last claimed for another agent has no marks of this one.
create or replace function core.look_is_due(p_agent name, p_now timestamptz, p_mark text)
returns boolean language sql stable as $$
  select coalesce(pg_catalog.current_setting('mas.claimer', true), '') operator(pg_catalog.<>) p_agent::pg_catalog.text
      or pg_catalog.date_part('epoch', p_now) operator(pg_catalog.>=) pg_catalog.current_setting(p_mark)::pg_catalog.float8
$$;
revoke all on function core.look_is_due(name, timestamptz, text) from public;
comment on function core.look_is_due(name, timestamptz, text) is 'Whether this session should look around again.';
