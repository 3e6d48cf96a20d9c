-- show_queue: say at once that client_manager has a design's message, and how many requests come before it: those that are in
-- hand and those that wait in front of it, a hundred at most.
create or replace function core.show_queue(p_state_id bigint)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_before int;
begin
  select count(*) into v_before from (
    select from core.tasks mine join core.tasks t using (agent, priority)
     where mine.state_id = p_state_id and t.position < mine.position and t.state in ('ready', 'working') limit 100) x;
  perform core.show_progress(p_state_id, 'client_manager is at work' || case v_before when 0 then ''
    when 1 then '; 1 request is before yours' when 100 then '; 100 requests or more are before yours'
    else format('; %s requests are before yours', v_before) end);
end $$;
revoke all on function core.show_queue(bigint) from public;
comment on function core.show_queue(bigint) is 'Say that client_manager has the message, and what comes before it.';
