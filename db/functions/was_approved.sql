-- was_approved: whether the requirement of a design was approved: it was once handed to the designer.
create or replace function core.was_approved(p_state_id bigint)
returns boolean language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return exists (select from core.design_events e where e.state_id = p_state_id and e.outcome in ('approved', 'retried', 'forked'));
end $$;
revoke all on function core.was_approved(bigint) from public;
comment on function core.was_approved(bigint) is 'Whether the requirement of a design was approved.';
