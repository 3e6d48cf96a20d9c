-- check_agent: refuse what cannot be an agent's name or channel.   Raises: PB034 bad agent.
create or replace function core.check_agent(p_name name, p_channels text[])
returns void language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare v_bad text;
begin
  if p_name is null or p_name !~ '^[a-z][a-z0-9_]{0,49}$' or p_name ~ '^(pg|mas)_'
     or p_name in ('admin', 'monitor', 'gateway', 'web_user', 'postgres', 'public', 'none', 'user') then
    raise exception '% cannot be an agent''s name: lowercase letters, digits and _, at most 50, none that the system uses',
      coalesce(p_name, 'null') using errcode = 'PB034';
  end if;
  select c.channel into v_bad from unnest(p_channels) c (channel) where c.channel is null or c.channel !~ '^[a-z_]{1,63}$' limit 1;
  if found then
    raise exception '% cannot be a channel: lowercase letters and _, at most 63', coalesce(v_bad, 'null') using errcode = 'PB034';
  end if;
end $$;
revoke all on function core.check_agent(name, text[]) from public;
comment on function core.check_agent(name, text[]) is 'Refuse bad names of agents and channels.';
