-- The hour is asked for in a query of its own: a subtraction beside the column would keep row security from using the index.
create or replace function api.design_metrics()
returns table (state text, open bigint, paused bigint, ended bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  with going as (
    select d.state, count(*) as designs, count(*) filter (where d.paused) as paused
      from core.design_states d where d.finished_at is null and d.candidate_of is null group by d.state
  ), gone as (
    select d.state, count(*) as designs
      from core.design_states d where d.finished_at > (select core.now() - interval '1 hour') and d.candidate_of is null group by d.state
  )
  select s.state, coalesce(going.designs, 0), coalesce(going.paused, 0), coalesce(gone.designs, 0)
    from core.states s left join going on going.state = s.state left join gone on gone.state = s.state
   order by s.state
$$;
revoke all on function api.design_metrics() from public;
comment on function api.design_metrics() is $$For monitoring: designs by state, candidates not counted.
Returns: state; open, designs that are in it and have not ended; paused, those of them that were told to wait; ended, designs that ended in it within the last hour.
Locks: nothing
Raises: nothing
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
monitor=> select state, open, paused, ended from design_metrics() where state in ('briefing', 'resolved');
briefing | 1 | 0 | 0
resolved | 0 | 0 | 0$$;
