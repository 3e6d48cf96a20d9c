-- working_agent: the calling agent's row.   Raises: PB002 when the caller is no agent.
create or replace function core.working_agent()
returns core.agents language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare v_agent core.agents;
begin
  select a.* into v_agent from core.agents a where a.name = (core.caller()).role;
  if not found then
    raise exception '% is no agent', (core.caller()).role using errcode = 'PB002';
  end if;
  return v_agent;
end $$;
revoke all on function core.working_agent() from public;
comment on function core.working_agent() is 'The calling agent; PB002 when the caller is none.';
