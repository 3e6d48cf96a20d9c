create or replace function api.store_library(p_kind text, p_version text, p_rows jsonb, p_first boolean, p_last boolean)
returns int language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_session constant text := format('%s %s', (core.caller()).role, pg_backend_pid());
  v_problem constant text := core.library_page_problem(p_kind, p_version, p_rows);
  v_page int;
  v_rows int;
begin
  if v_problem is not null then
    raise exception '%', v_problem using errcode = 'PB046';
  elsif p_first then
    delete from core.library_pages g where g.kind = p_kind and g.session = v_session;
  end if;
  select count(*) filter (where g.version = p_version) + 1, coalesce(sum(jsonb_array_length(g.rows)), 0) into v_page, v_rows
    from core.library_pages g where g.kind = p_kind and g.session = v_session;
  if v_page = 1 and p_first is not true then
    raise exception 'this connection has sent no first page of % %, or another has stored its own meanwhile', p_kind, p_version using errcode = 'PB046';
  end if;
  insert into core.library_pages (kind, session, page, version, rows) values (p_kind, v_session, v_page, p_version, p_rows);
  if p_last then
    perform core.publish_library(p_kind, v_session, p_version);
  end if;
  return v_rows + jsonb_array_length(p_rows);
end $$;
revoke all on function api.store_library(text, text, jsonb, boolean, boolean) from public;
comment on function api.store_library(text, text, jsonb, boolean, boolean) is $$Store KiCad's libraries in pages, over one connection; readers see them as they were until the last page is in, and then all of them.
p_kind: symbols or footprints.
p_version: what library_version says from then on, 1 to 200 characters.
p_rows: an array of at most 5000 objects: {symbol, description, keywords, footprint, footprint_filters, pins} or {footprint, description, tags, pads}.
p_first: whether it is the first page; what this connection sent before is forgotten.
p_last: whether it is the last page: what is in no page is deleted.
Returns: rows of this load so far.
Locks: the kind's row, with the last page.
Raises: PB046.
Example:
kicad=> select store_library('symbols', '9.0.8', '[{"symbol": "Device:R", "description": "Resistor", "pins": 2}]', true, false);
1
kicad=> select store_library('symbols', '9.0.8', '[{"symbol": "Device:C", "description": "Unpolarized capacitor", "pins": 2}]', false, true);
2
kicad=> select library_version('symbols');
9.0.8
kicad=> select store_library('symbols', '9.0.9', '[]', false, true);
PB046: …$$;
