-- check_event: refuse what cannot be an event.   Raises: PB003, PB042.
create or replace function core.check_event(p_event core.event)
returns void language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
begin
  if octet_length(p_event.words) > 65536 then
    raise exception 'the message has % bytes, 65536 are allowed', octet_length(p_event.words) using errcode = 'PB003';
  elsif (length(p_event.account) between 1 and 200 and length(p_event.key) between 1 and 200 and length(p_event.command) between 1 and 100) is not true then
    raise exception 'an event has an account and a key of 1 to 200 characters, and a command of at most 100' using errcode = 'PB042';
  elsif (coalesce(length(p_event.place), 1) between 1 and 200 and coalesce(length(p_event.parent), 1) between 1 and 200
         and coalesce(length(p_event.guild), 1) between 1 and 200 and coalesce(length(p_event.source), 1) between 1 and 200
         and coalesce(length(p_event.reply_token), 1) between 1 and 500) is not true then
    raise exception 'a place, a channel, a guild and a message have 1 to 200 characters, a token at most 500' using errcode = 'PB042';
  elsif coalesce(p_event.place, p_event.parent, p_event.reply_token) is null then
    raise exception 'an event happens at a place, in a channel or as an interaction' using errcode = 'PB042';
  elsif jsonb_typeof(p_event.files) <> 'array' or jsonb_array_length(p_event.files) > 50
        or exists (select from jsonb_array_elements(p_event.files) f
                    where (jsonb_typeof(f) = 'object' and f ->> 'name' <> '' and f ->> 'bytes' ~ '^[0-9]{1,15}$') is not true) then
    raise exception 'files are announced as [{"name", "bytes"}], at most 50' using errcode = 'PB042';
  end if;
end $$;
revoke all on function core.check_event(core.event) from public;
comment on function core.check_event(core.event) is 'Refuse what cannot be an event.';
