-- recorded_answer: what a model answered to this very request in another design: the k-th answer there for the k-th time
-- here.  Of several designs that have one, the same model's before others', the latest first.   Raises: PB051 no recording.
create or replace function core.recorded_answer(p_agent name, p_root_id bigint, p_model text, p_hash bytea)
returns text language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  v_times constant bigint := 1 + (
    select count(*) from core.model_exchanges x join core.model_calls c using (call_id)
     where x.request_hash = p_hash and x.answer is not null and c.agent = p_agent and c.root_id = p_root_id);
  v_answer text;
begin
  select s.answer into v_answer
    from (select x.answer, c.root_id, c.model, row_number() over (partition by c.root_id order by c.call_id) as time
            from core.model_exchanges x join core.model_calls c using (call_id)
           where x.request_hash = p_hash and x.answer is not null and c.agent = p_agent and not c.recorded
             and c.root_id is distinct from p_root_id) s
   where s.time = v_times order by (s.model = p_model) desc, s.root_id desc nulls last limit 1;
  if not found then
    raise exception 'no model was asked this by % before (request %, time %): run it once with a model',
      p_agent, left(encode(p_hash, 'hex'), 12), v_times using errcode = 'PB051';
  end if;
  return v_answer;
end $$;
revoke all on function core.recorded_answer(name, bigint, text, bytea) from public;
comment on function core.recorded_answer(name, bigint, text, bytea) is 'The recorded answer to a request, or PB051.';
