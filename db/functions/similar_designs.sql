create or replace function api.similar_designs(p_task_id bigint, p_token uuid, p_limit int default 3)
returns table (title text, requirement jsonb, script text, attempts smallint, source text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task constant core.tasks := core.held_task(p_task_id, p_token);
  v_design core.design_states;
  v_brief text;
  v_vector tsvector;
begin
  select d.* into v_design from core.design_states d where d.state_id = v_task.state_id;
  v_brief := core.first_words(coalesce(v_design.candidate_of, v_design.forked_from, v_design.state_id));
  v_vector := core.design_vector(v_design.state_description, v_brief, v_design.requirement);
  v_brief := left(concat_ws(' ', v_design.state_description, v_brief), 1000);
  return query
    select x.title, x.requirement, x.script, x.attempts, x.source from (
      select distinct on (p.script) p.*, core.likeness(p.search, v_vector) + trgm.similarity(left(concat_ws(' ', p.title, p.brief), 1000), v_brief) as near
        from core.passed_designs(v_design.user_id, v_vector) p
       where core.likeness(p.search, v_vector) > 0
       order by p.script, near desc) x
     order by x.near desc, x.attempts, x.source limit least(p_limit, 20);
end $$;
revoke all on function api.similar_designs(bigint, uuid, int) from public;
comment on function api.similar_designs(bigint, uuid, int) is $$Designs that passed and are like the one in hand, nearest first: the same user's own, and examples; never another user's.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_limit: at most so many, and twenty.
Returns: script is the Python file that passed, attempts how many it took.
Locks: the design's row, then the task's.
Raises: PB001.
Example:
admin=> select action from import_rows('designs', '[{"title": "555 blinker", "brief": "a 555 blinker, 1 Hz", "script": "pass", "outcome": "resolved", "attempts": 1}]');
inserted
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select title, script, attempts, source from claim_task(), similar_designs(task_id, lease_token);
555 blinker | pass | 1 | example$$;
