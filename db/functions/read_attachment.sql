create or replace function api.read_attachment(p_task_id bigint, p_token uuid, p_name text)
returns bytea language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task constant core.tasks := core.held_task(p_task_id, p_token);
  v_content bytea;
begin
  select a.content into v_content
    from core.design_states d join core.attachments a on a.state_id = coalesce(d.candidate_of, d.state_id)
   where d.state_id = v_task.state_id and a.name = p_name order by a.attachment_id desc limit 1;
  if not found then
    raise exception 'the user sent no file %', p_name using errcode = 'PB009';
  end if;
  return v_content;
end $$;
revoke all on function api.read_attachment(bigint, uuid, text) from public;
comment on function api.read_attachment(bigint, uuid, text) is $$A file that the user sent for the design in hand; of several of one name the last.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_name: name of the file, as task_context lists it.
Locks: the design's row, then the task's.
Raises: PB001, PB009.
Example:
terminal=> select attach_file('anna', 'Anna', 'k1', 'netlist.csv', 'R1,1k');
1
terminal=> select receive_message('anna', 'Anna', 'a board for this netlist', 'k1');
1
client_manager=> select convert_from(read_attachment(task_id, lease_token, 'netlist.csv'), 'UTF8') from claim_task();
R1,1k$$;
