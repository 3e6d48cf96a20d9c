-- The hour is asked for in a query of its own: a subtraction beside the column would keep row security from using the index.
create or replace function api.model_metrics()
returns table (agent name, model text, calls bigint, failed bigint, cost_usd double precision)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select c.agent, c.model, count(*), count(*) filter (where c.status = 'failed'), sum(c.cost)::double precision
    from core.model_calls c
   where c.called_at > (select core.now() - interval '1 hour')
   group by c.agent, c.model
   order by c.agent, c.model
$$;
revoke all on function api.model_metrics() from public;
comment on function api.model_metrics() is $$For monitoring: what language models were asked within the last hour, by agent and model; no row when none was.
Returns: agent; model; calls; failed, those of them without an answer; cost_usd, US dollars.
Locks: nothing
Raises: nothing
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select record_model_call(task_id, lease_token, 'a model', 900, 120, 0.5, 1.5) from claim_task();
1
monitor=> select agent, model, calls, failed, cost_usd from model_metrics();
client_manager | a model | 1 | 0 | 0.5$$;
