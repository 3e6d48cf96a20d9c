-- Without it a killed worker's task would wait for its lease.  An earlier life that still runs is fenced off by its token.
create or replace function api.start_worker(p_worker text)
returns int language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_me constant name := (core.working_agent()).name;
  v_task core.tasks;
  v_given_back int := 0;
begin
  if p_worker is null or length(p_worker) not between 1 and 200 then
    raise exception 'a worker''s name has 1 to 200 characters' using errcode = 'PB042';
  end if;
  insert into core.workers as w (agent, worker) values (v_me, p_worker)
    on conflict (agent, worker) do update set started_at = core.now(), seen_at = core.now();
  for v_task in
    select t.* from core.tasks t where t.state = 'working' and t.agent = v_me and t.worker = p_worker
  loop
    v_given_back := v_given_back + core.reclaim_task(v_task, 'the worker died')::int;
  end loop;
  return v_given_back;
end $$;
revoke all on function api.start_worker(text) from public;
comment on function api.start_worker(text) is $$Begin a worker's life: what its earlier life of the same name held is given back at once, instead of after its lease.
p_worker: name of the process, the same in every life; 1 to 200 characters.
Returns: how many tasks were given back.
Locks: the rows it gives back, passing over those that others have locked.
Raises: PB002, PB042 for a name that is none.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select task_id from claim_task('60 s', 'kicad-0');
1
kicad=> select start_worker('kicad-0');
1$$;
