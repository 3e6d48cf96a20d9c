-- take_key: the task that an idempotency key stands for: p_task_id, or the one that came first.
-- Locks: the key's row: of two at once the second waits for the first.   Raises: PB004 key reused, PB042 its length.
create or replace function core.take_key(p_agent name, p_key text, p_task_id bigint, p_arguments jsonb)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_hash constant bytea := sha256(convert_to(p_arguments::text, 'UTF8'));
  v_first core.task_keys;
begin
  if length(p_key) not between 1 and 200 then
    raise exception 'a key has 1 to 200 characters, this one %', length(p_key) using errcode = 'PB042';
  end if;
  insert into core.task_keys (agent, key, arguments_hash, task_id) values (p_agent, p_key, v_hash, p_task_id)
    on conflict do nothing;
  if found then
    return p_task_id;
  end if;
  select k.* into v_first from core.task_keys k where k.agent = p_agent and k.key = p_key;
  if v_first.arguments_hash <> v_hash then
    raise exception 'key % was used with other arguments', p_key using errcode = 'PB004';
  end if;
  return v_first.task_id;
end $$;
revoke all on function core.take_key(name, text, bigint, jsonb) from public;
comment on function core.take_key(name, text, bigint, jsonb) is 'Whose an idempotency key is, or PB004.';
