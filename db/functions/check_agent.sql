-- check_agent: refuse what cannot be an agent's name, channel or number.   Raises: PB034 bad agent.
create or replace function core.check_agent(p_name name, p_channels text[], p_replicas int, p_attempt_limit int, p_slots int)
returns void language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
declare v_bad text;
begin
  if p_name is null or p_name !~ '^[a-z][a-z0-9_]{0,49}$' or p_name ~ '^(pg|mas)_'
     or p_name in ('admin', 'monitor', 'gateway', 'scaler', 'web_user', 'postgres', 'public', 'none', 'user') then
    raise exception '% cannot be an agent''s name: lowercase letters, digits and _, at most 50, none that the system uses',
      coalesce(p_name, 'null') using errcode = 'PB034';
  end if;
  select c.channel into v_bad from unnest(p_channels) c (channel) where c.channel is null or c.channel !~ '^[a-z_]{1,63}$' limit 1;
  if found then
    raise exception '% cannot be a channel: lowercase letters and _, at most 63', coalesce(v_bad, 'null') using errcode = 'PB034';
  elsif p_replicas not between 1 and 1000 or p_attempt_limit not between 1 and 32767 or p_slots not between 0 and 32767 then
    raise exception 'replicas are 1 to 1000, attempts 1 to 32767, slots 0 to 32767' using errcode = 'PB034';
  end if;
end $$;
revoke all on function core.check_agent(name, text[], int, int, int) from public;
comment on function core.check_agent(name, text[], int, int, int) is 'Refuse bad names and numbers of agents.';
