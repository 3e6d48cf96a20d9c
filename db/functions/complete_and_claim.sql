-- complete_and_claim: complete_task and claim_task in one round trip.   Raises: as they do.
create or replace function api.complete_and_claim(
  p_task_id bigint, p_token uuid, p_result jsonb default null, p_lease interval default '60 s', p_worker text default null)
returns setof core.claimed_task language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform api.complete_task(p_task_id, p_token, p_result);
  return query select * from api.claim_tasks(1, p_lease, p_worker);
end $$;
revoke all on function api.complete_and_claim(bigint, uuid, jsonb, interval, text) from public;
comment on function api.complete_and_claim(bigint, uuid, jsonb, interval, text) is 'Finish one task and lease the next.';
