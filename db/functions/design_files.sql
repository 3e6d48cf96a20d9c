create or replace function api.design_files(p_design bigint)
returns table (name text, bytes int, sha256 text, made_by name, created_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.design_of_caller(p_design);
  return query select a.name, a.bytes, encode(a.sha256, 'hex'), a.made_by, a.created_at from core.artifacts a
                where a.state_id = p_design and a.script_id is not distinct from core.best_script_id(p_design) order by a.name;
end $$;
revoke all on function api.design_files(bigint) from public;
comment on function api.design_files(bigint) is $$The files of a design's best attempt so far, by name.
p_design: number of the design.
Returns: sizes in bytes, SHA-256 in hexadecimal.
Raises: PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select store_artifact(task_id, lease_token, 'notes.txt', 'a blinker') from claim_task();
1
terminal=> select name, bytes, made_by from design_files(1);
notes.txt | 9 | client_manager$$;
