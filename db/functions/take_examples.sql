-- take_examples: checked past designs into core.examples; the same design comes in once.   Locks: none that wait.
create or replace function core.take_examples(p_rows jsonb)
returns setof core.import_line language sql volatile
set search_path = pg_catalog, pg_temp as $$
  with given as materialized (
    select e.n, e.x ->> 'title' as title, e.x ->> 'brief' as brief, (e.x ->> 'requirement')::jsonb as requirement, e.x ->> 'script' as script,
           e.x ->> 'outcome' as outcome, coalesce((e.x ->> 'attempts')::smallint, 0) as attempts, (e.x ->> 'checks')::jsonb as checks,
           (e.x ->> 'finished_at')::timestamptz as finished_at, e.x ->> 'source' as source,
           core.example_hash(e.x ->> 'brief', (e.x ->> 'requirement')::jsonb, e.x ->> 'script', e.x ->> 'outcome') as hash
      from jsonb_array_elements(p_rows) with ordinality e (x, n)
  ), inserted as (
    insert into core.examples (content_hash, title, brief, requirement, script, outcome, attempts, checks, finished_at, source)
    select distinct on (g.hash) g.hash, g.title, g.brief, g.requirement, g.script, g.outcome, g.attempts, g.checks, g.finished_at, g.source
      from given g order by g.hash, g.n
    on conflict do nothing returning content_hash
  )
  select g.n::int, case when i.content_hash is not null and g.n = min(g.n) over (partition by g.hash) then 'inserted' else 'unchanged' end,
         null, null
    from given g left join inserted i on i.content_hash = g.hash
$$;
revoke all on function core.take_examples(jsonb) from public;
comment on function core.take_examples(jsonb) is 'Checked past designs into core.examples.';
