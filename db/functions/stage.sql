-- stage: what a state of a design means to its user.
create or replace function core.stage(p_state text)
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select case p_state when 'briefing' then 'the brief is being read' when 'awaiting_user' then 'waiting for your answer'
    when 'designing' then 'the design script is being written' when 'comparing' then 'candidates are being tried'
    when 'building' then 'the board is being built' when 'testing' then 'the board is being tested'
    when 'resolved' then 'passed' when 'refused' then 'out of scope' else p_state end
$$;
revoke all on function core.stage(text) from public;
comment on function core.stage(text) is 'What a state of a design means to its user.';
