-- publish_library: the pages of a session become the library, at once for every reader; what others have sent so far is
-- dropped, and they are told with their next page.   Locks: the kind's row, so that one at a time does so.
create or replace function core.publish_library(p_kind text, p_session text, p_version text)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  update core.library_version v set version = p_version, stored_by = (core.caller()).role, stored_at = core.now() where v.kind = p_kind;
  if p_kind = 'symbols' then
    perform core.take_symbols(array(select x from core.library_pages g, jsonb_array_elements(g.rows) x where g.kind = p_kind and g.session = p_session));
  else
    perform core.take_footprints(array(select x from core.library_pages g, jsonb_array_elements(g.rows) x where g.kind = p_kind and g.session = p_session));
  end if;
  delete from core.library_pages g where g.kind = p_kind;
end $$;
revoke all on function core.publish_library(text, text, text) from public;
comment on function core.publish_library(text, text, text) is 'Make the pages of a session the library.';
