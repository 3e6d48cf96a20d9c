create or replace function api.attachment_problem(p_parent text, p_guild text, p_place text, p_name text, p_bytes bigint)
returns text language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if not core.is_allowed_place((core.caller()).role, p_guild, p_parent, p_place) then
    return 'files are not taken at this place';
  end if;
  return core.file_problem(p_name, p_bytes);
end $$;
revoke all on function api.attachment_problem(text, text, text, text, bigint) from public;
comment on function api.attachment_problem(text, text, text, text, bigint) is $$Why a file that a person sends would not be taken: asked before it is fetched.
p_parent: the channel that a thread belongs to; null for a channel or where there are none.
p_guild: the guild; null where a person writes directly.
p_place: the thread or channel.
p_name: name of the file, as the person has it.
p_bytes: its size.
Returns: a sentence for the person; null to take it.
Raises: nothing
Example:
discord_bot=> select attachment_problem(null, null, '17', 'notes.pdf', 1000) is null;
t
discord_bot=> select attachment_problem(null, null, '17', 'setup.exe', 1000);
setup.exe is of no kind that is taken; send text, tables, netlists, KiCad files, PDF, zip or pictures
discord_bot=> select attachment_problem(null, null, '17', 'notes.pdf', 9000000);
notes.pdf has 9 MB, 8 are allowed$$;
