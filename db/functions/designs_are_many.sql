-- designs_are_many: what a person is to wait for because they have all the designs that one may have, in words, and in seconds
-- where that is known; null when they may begin another.
create or replace function core.designs_are_many(p_front_end name, p_user_id bigint, out words text, out wait_s int)
language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  v_at_once constant int := core.setting('user_designs_at_once');
  v_per_day constant int := core.setting('user_designs_per_day');
  v_open bigint[];
  v_first timestamptz;
  v_before int;  -- begun by who they were before they were forgotten, and when that was
  v_forgotten_at timestamptz;
begin
  if not exists (select from core.front_ends f where f.name = p_front_end and f.limited) then
    return;
  end if;
  v_open := array(select d.state_id from core.design_states d
                   where d.user_id = p_user_id and d.candidate_of is null and d.finished_at is null order by d.state_id);
  if v_at_once > 0 and cardinality(v_open) >= v_at_once then
    words := format('You have %s unfinished designs (%s); please wait until one has ended, or /cancel one.',
                    cardinality(v_open), array_to_string(v_open[1:10], ', '));
    return;
  end if;
  select coalesce(sum((e.erased ->> 'recent')::int), 0), max(e.erased_at) into v_before, v_forgotten_at
    from core.users u join core.erasures e on e.account = core.account_hash(u) and e.erased_at > core.now() - interval '1 day'
   where u.user_id = p_user_id;
  select d.created_at into v_first from core.design_states d
   where d.user_id = p_user_id and d.candidate_of is null and d.created_at > core.now() - interval '1 day' and v_per_day > 0
   order by d.created_at desc offset greatest(v_per_day - 1 - v_before, 0) limit 1;
  if found or v_per_day between 1 and v_before then
    wait_s := ceil(extract(epoch from coalesce(v_first, v_forgotten_at) + interval '1 day' - core.now()));
    words := format('You began %s designs within a day; please wait %s min.', v_per_day, ceil(wait_s / 60.0));
  end if;
end $$;
revoke all on function core.designs_are_many(name, bigint) from public;
comment on function core.designs_are_many(name, bigint) is 'What a person is to wait for before they begin another design.';
