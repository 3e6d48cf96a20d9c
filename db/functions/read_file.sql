create or replace function api.read_file(p_design bigint, p_name text)
returns bytea language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare v_content bytea;
begin
  perform core.design_of_caller(p_design);
  select c.content into v_content from core.artifacts a join core.artifact_contents c using (sha256)
   where a.state_id = p_design and a.name = p_name and a.script_id is not distinct from core.best_script_id(p_design);
  if not found then
    raise exception 'design % has no file %', p_design, p_name using errcode = 'PB009';
  end if;
  return v_content;
end $$;
revoke all on function api.read_file(bigint, text) from public;
comment on function api.read_file(bigint, text) is $$The content of a file of a design's best attempt so far.
p_design: number of the design.
p_name: name of the file, as design_files has it.
Raises: PB006, PB009.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select store_artifact(task_id, lease_token, 'notes.txt', 'a blinker') from claim_task();
1
terminal=> select convert_from(read_file(1, 'notes.txt'), 'UTF8');
a blinker$$;
