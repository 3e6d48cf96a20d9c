-- look_around: what every claimer does now and then for all: promote, and draw this session's low-water marks anew.
-- While there is work every quarter of a second, when there is none before every sleep; but where dead rows make a
-- look dear (a transaction is held open, so that nothing is vacuumed), never for more than a twentieth of the time.
-- Dear is what took more than 10 ms twice in a row: once may be a cold start, or another process on the same core.
create or replace function core.look_around(p_me core.agents)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_began constant timestamptz := core.now();
  v_cost interval;
  v_rest interval;
  v_last bigint;
  v_priority smallint;
begin
  perform core.promote_tasks(v_began);
  foreach v_priority in array p_me.priorities loop
    select s.last_value into v_last from core.task_position_seq s;  -- before: what comes later lies beyond it
    perform set_config('mas.low_' || v_priority + 32768, coalesce((
      select r.position from core.tasks r
       where r.agent = p_me.name and r.priority = v_priority and r.state = 'ready' order by r.position limit 1), v_last)::text, false);
  end loop;
  v_cost := core.now() - v_began;
  v_rest := 20 * greatest(least(v_cost, coalesce(nullif(current_setting('mas.look_cost', true), ''), '0')::interval) - interval '10 ms', '0');
  perform set_config('mas.look_cost', v_cost::text, false),
          set_config('mas.idle_look', extract(epoch from v_began + v_rest)::text, false),
          set_config('mas.busy_look', extract(epoch from v_began + greatest(v_rest, '250 ms'))::text, false),
          set_config('mas.claimer', p_me.name::text, false);
end $$;
revoke all on function core.look_around(core.agents) from public;
comment on function core.look_around(core.agents) is 'Promote what is due, and find where ready work begins.';
