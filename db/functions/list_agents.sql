create or replace function api.list_agents()
returns table (name name, front_end boolean, can_log_in boolean, paused boolean, connections int, replicas int, slots int, listen_channels text[],
               notify_channels text[], attempt_limit int, model jsonb)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select a.name, a.front_end, coalesce(r.rolcanlogin, false), a.paused,
         (select count(*)::int from pg_stat_activity s where s.usesysid = r.oid), a.replicas, a.slots, a.listen_channels, a.notify_channels,
         a.attempt_limit, a.model
    from core.agents a left join pg_roles r on r.rolname = a.name
   order by a.front_end, a.name
$$;
revoke all on function api.list_agents() from public;
comment on function api.list_agents() is $$Agents with their settings, whether they can log in, and their connections now in the whole cluster.
Raises: nothing
Example:
admin=> select name, front_end, paused from list_agents() limit 2;
client_manager | f | f
kicad | f | f$$;
