create or replace function api.record_prompt(p_name text, p_version text, p_text text)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if octet_length(p_text) > 1048576 then
    raise exception 'prompt % has % bytes, 1048576 are allowed', p_name, octet_length(p_text) using errcode = 'PB003';
  elsif (p_name ~ '^[a-z][a-z0-9_]{0,99}$' and p_version ~ '^[A-Za-z0-9_-]{1,50}$' and p_text <> '') is not true then
    raise exception 'a prompt has a lowercase name, a version like 1 and a text' using errcode = 'PB042';
  end if;
  insert into core.prompts as p (name, version, sha256, text)
  values (p_name, p_version, sha256(convert_to(p_text, 'UTF8')), p_text)
  on conflict (name, version, sha256) do update set said_at = core.now();
end $$;
revoke all on function api.record_prompt(text, text, text) from public;
comment on function api.record_prompt(text, text, text) is $$Say what a prompt file says now; calls that begin from now on refer to this text. Each text is stored once.
p_name: name of the file without version and ending.
p_version: version in the file's name.
p_text: the text, at most 1 MB.
Locks: the text's row.
Raises: PB003, PB042.
Example:
pcb_designer=> select record_prompt('pcb_designer', '1', 'You design circuit boards.');
pcb_designer=> select record_prompt('PCB designer', '1', 'You design circuit boards.');
PB042: a prompt has a lowercase name, a version like 1 and a text$$;
