-- export_designs: past designs, of this database and imported, oldest first, each once.
create or replace function core.export_designs()
returns setof jsonb language sql stable
set search_path = pg_catalog, pg_temp as $$
  with own as (
    select d.state_description as title,
           (select m.text from core.chat_messages m where m.state_id = d.state_id and m.sender = 'user' order by m.message_id limit 1) as brief,
           d.requirement, s.script_content as script, d.state as outcome, d.attempt as attempts, s.checks, d.finished_at, null::text as source
      from core.design_states d left join core.design_scripts s on s.script_id = core.best_script_id(d.state_id)
     where d.finished_at is not null and d.candidate_of is null
  ), past as (
    select distinct on (x.hash) x.* from (
      select core.example_hash(o.brief, o.requirement, o.script, o.outcome) as hash, o.* from own o where o.brief is not null
      union all
      select e.content_hash, e.title, e.brief, e.requirement, e.script, e.outcome, e.attempts, e.checks, e.finished_at, e.source
        from core.examples e) x
     order by x.hash, x.source nulls first
  )
  select to_jsonb(p) - 'hash' from past p order by p.finished_at nulls first, p.hash
$$;
revoke all on function core.export_designs() from public;
comment on function core.export_designs() is 'Past designs, of this database and imported, each once.';
