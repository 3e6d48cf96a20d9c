-- check_model_budget: refuse another call of a model when the task's, the design's or the user's limit is reached.
-- One call at a time is let in for a design and its candidates (advisory class 83), so that counts are exact; what a call
-- costs is known when it has ended, so a budget is passed by what is under way at that moment.
-- Locks: the root design's advisory lock, after the design's and the task's rows.   Raises: PB050 budget spent.
create or replace function core.check_model_budget(p_task core.tasks)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_root constant bigint := core.root_design(p_task.state_id);
  v_user bigint;
  v_words text;
begin
  if v_root is not null then
    perform pg_advisory_xact_lock(83, hashtext(v_root::text));
    select d.user_id into v_user from core.design_states d where d.state_id = v_root;
  end if;
  -- a call that was refused for want of payment is no call
  select format(x.words, case when x.money then round(x.used / 100, 2) else x.used end,
                case when x.money then round(x.allowed / 100, 2) else x.allowed end)
    into v_words
    from (values
      (1, false, (select count(*) from core.model_calls c where c.task_id = p_task.task_id and c.verdict is distinct from 'paused')::numeric,
          core.setting('model_calls_per_task')::numeric,
          'a model was asked %s times for this task, and model_calls_per_task allows %s; an administrator raises it with ./mas settings model_calls_per_task N'),
      (2, false, (select count(*) from core.model_calls c where c.root_id = v_root and c.verdict is distinct from 'paused')::numeric,
          core.setting('model_calls_per_design')::numeric,
          'a model was asked %s times for this design, and model_calls_per_design allows %s; an administrator raises it with ./mas settings model_calls_per_design N'),
      (3, true, (select 100 * sum(c.cost) from core.model_calls c where c.root_id = v_root), core.setting('design_budget_cents')::numeric,
          'models have cost %s US dollars for this design, and design_budget_cents allows %s; an administrator raises it with ./mas settings design_budget_cents N'),
      (4, true, (select 100 * sum(c.cost) from core.model_calls c
                  where c.user_id = any (core.lives_of(v_user)) and c.called_at >= date_trunc('day', core.now(), 'UTC')),
          core.setting('user_budget_cents_per_day')::numeric,
          'models have cost %s US dollars for this user today, and user_budget_cents_per_day allows %s; tomorrow (UTC) it goes on, or an administrator raises it with ./mas settings user_budget_cents_per_day N')
      ) x (n, money, used, allowed, words)
   where x.allowed > 0 and x.used >= x.allowed order by x.n limit 1;
  if found then
    raise exception '%', v_words using errcode = 'PB050';
  end if;
end $$;
revoke all on function core.check_model_budget(core.tasks) from public;
comment on function core.check_model_budget(core.tasks) is 'Refuse a call of a model past a limit of task, design or user.';
