create or replace function api.delivery_metrics()
returns table (front_end name, waiting bigint, oldest_s double precision, dead bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  with due as (
    select o.front_end, count(*) as deliveries, min(o.due_at) as due_at
      from core.outbox o where o.state in ('waiting', 'claimed') and o.due_at <= core.now() group by o.front_end
  ), dead as (
    select o.front_end, count(*) as deliveries
      from core.outbox o where o.state = 'dead' and o.created_at > (select core.now() - interval '1 hour') group by o.front_end
  )
  select f.name, coalesce(due.deliveries, 0), coalesce(extract(epoch from core.now() - due.due_at)::double precision, 0),
         coalesce(dead.deliveries, 0)
    from core.front_ends f left join due on due.front_end = f.name left join dead on dead.front_end = f.name
   order by f.name
$$;
revoke all on function api.delivery_metrics() from public;
comment on function api.delivery_metrics() is $$For monitoring: what has not reached people yet, by front end.
Returns: front_end; waiting, deliveries that are due and not claimed, or whose claim has ended; oldest_s, seconds that the first of them has been due; dead, those of the last hour that were given up.
Locks: nothing
Raises: nothing
Example:
monitor=> select front_end, waiting, oldest_s, dead from delivery_metrics() where front_end = 'discord_bot';
discord_bot | 0 | 0 | 0$$;
