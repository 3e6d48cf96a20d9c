create or replace function api.read_artifact(p_task_id bigint, p_token uuid, p_name text)
returns bytea language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task constant core.tasks := core.held_task(p_task_id, p_token);
  v_content bytea;
begin
  select c.content into v_content
    from core.artifacts a join core.artifact_contents c using (sha256)
   where a.state_id = v_task.state_id and a.name = p_name
     and a.script_id = core.last_script_id(v_task.state_id);
  if not found then
    raise exception 'this attempt has no file %', p_name using errcode = 'PB009';
  end if;
  return v_content;
end $$;
revoke all on function api.read_artifact(bigint, uuid, text) from public;
comment on function api.read_artifact(bigint, uuid, text) is $$A file of the present attempt, under the task's lease.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_name: name of the file.
Locks: the design's row, then the task's.
Raises: PB001, PB009.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select read_artifact(task_id, lease_token, 'board.kicad_pcb') from claim_task();
PB009: this attempt has no file board.kicad_pcb$$;
