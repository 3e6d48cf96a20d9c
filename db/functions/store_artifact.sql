create or replace function api.store_artifact(p_task_id bigint, p_token uuid, p_name text, p_content bytea)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task constant core.tasks := core.held_task(p_task_id, p_token);
  v_hash constant bytea := sha256(p_content);
  v_script_id constant bigint := core.last_script_id(v_task.state_id);
  v_before bytea;
  v_id bigint;
begin
  if v_task.state_id is null then
    raise exception 'task % works on no design, so it has no files', p_task_id using errcode = 'PB006';
  elsif octet_length(p_content) > 33554432 then
    raise exception '% has % bytes, 33554432 are allowed', p_name, octet_length(p_content) using errcode = 'PB003';
  elsif core.is_file_name(p_name) is not true then
    raise exception '"%" is no plain relative path', p_name using errcode = 'PB040';
  end if;
  select a.sha256 into v_before from core.artifacts a
   where a.state_id = v_task.state_id and a.script_id is not distinct from v_script_id and a.name = p_name;
  perform core.keep_content(v_hash, p_content);
  insert into core.artifacts as a (state_id, script_id, name, sha256, bytes, made_by)
  values (v_task.state_id, v_script_id, p_name, v_hash, octet_length(p_content), v_task.agent)
  on conflict (state_id, script_id, name) do update
     set sha256 = excluded.sha256, bytes = excluded.bytes, made_by = excluded.made_by, created_at = core.now()
  returning a.artifact_id into v_id;
  if v_before <> v_hash then
    perform core.drop_contents(array[v_before]);
  end if;
  return v_id;
end $$;
revoke all on function api.store_artifact(bigint, uuid, text, bytea) from public;
comment on function api.store_artifact(bigint, uuid, text, bytea) is $$Store a file of the present attempt under the task's lease; the same name again replaces it.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_name: a plain relative path of at most 200 characters.
p_content: at most 32 MB.
Returns: the artifact's number.
Locks: the design's row, then the task's, the artifact's and its content's.
Raises: PB001, PB003, PB006 for a task of no design, PB040.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select store_artifact(task_id, lease_token, '../notes.txt', 'a blinker') from claim_task();
PB040: "../notes.txt" is no plain relative path
client_manager=> select store_artifact(task_id, lease_token, 'notes.txt', 'a blinker') from claim_task();
1$$;
