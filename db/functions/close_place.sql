-- close_place: the thread of a design cannot be opened: nothing can be asked there, so the design is cancelled and whoever
-- asked for it is told: by the answer to their command, else in the channel.
-- The caller holds the design's row.
create or replace function core.close_place(p_row core.outbox, p_reason text)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_text constant text := format('Design %s is cancelled: its thread cannot be opened here (%s).', p_row.state_id, left(p_reason, 300));
  v_place core.places;
begin
  update core.outbox o set state = 'dead', last_error = left(p_reason, 2000)
   where o.state_id = p_row.state_id and o.lane = p_row.state_id and o.state = 'waiting' and o.kind <> 'reply';
  update core.outbox o set lane = null, due_at = core.now(), content = jsonb_build_object('text', v_text)
   where o.state_id = p_row.state_id and o.lane = p_row.state_id and o.state = 'waiting' and o.kind = 'reply';
  if not found then
    select p.* into v_place from core.places p where p.place_id = p_row.place_id;
    perform core.write_to(core.place_at(p_row.front_end, v_place.parent, null, v_place.guild), v_text, v_place.place,
                          (select d.user_id from core.design_states d where d.state_id = p_row.state_id), p_row.state_id);
  end if;
  update core.design_states d set place_id = null where d.state_id = p_row.state_id;  -- nobody is written to any more
  if exists (select from core.design_states d where d.state_id = p_row.state_id and d.finished_at is null) then
    perform core.stop_design(p_row.state_id);
    update core.design_states d set error = left(p_reason, 2000) where d.state_id = p_row.state_id;
  end if;
end $$;
revoke all on function core.close_place(core.outbox, text) from public;
comment on function core.close_place(core.outbox, text) is 'Cancel a design whose thread cannot be opened.';
