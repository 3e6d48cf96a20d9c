create or replace function api.list_designs(p_limit int default 50)
returns table (design bigint, title text, state text, attempt smallint, created_at timestamptz, finished_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select d.state_id, d.state_description, d.state, d.attempt, d.created_at, d.finished_at
    from core.design_states d where d.candidate_of is null order by d.state_id desc limit greatest(p_limit, 0)
$$;
revoke all on function api.list_designs(int) from public;
comment on function api.list_designs(int) is $$The designs that the caller may see, newest first.
p_limit: at most so many; null for all.
Raises: nothing
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select design, state, attempt from list_designs();
1 | briefing | 0
discord_bot=> select design from list_designs();$$;
