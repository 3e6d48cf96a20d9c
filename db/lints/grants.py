"""Who may use what of `api`: the committed list, to which tests and lints hold the catalogue in both directions.

It says the same as db/roles/02_grants.sql on purpose: what is granted there by mistake is not in this list.
"""

from __future__ import annotations

AGENTS = {"client_manager", "pcb_designer", "kicad", "pcb_tester"}
FRONT_ENDS = {"terminal", "discord_bot"}
PEOPLE = {"admin", "monitor"}
WEB = {"web_user"}  # what the gateway becomes for a person
GATEWAY = {"gateway"}
EVERYBODY = AGENTS | FRONT_ENDS | PEOPLE
ADMINISTRATOR = {"mas_administrator"}  # whoever deploys and makes logins, with their own rights
OWNER = {"mas_owner"}
GROUPS = {"mas_agent": AGENTS, "mas_front_end": FRONT_ENDS}
ROLES = EVERYBODY | WEB | GATEWAY | ADMINISTRATOR | OWNER | set(GROUPS)

_LIST: list[tuple[set[str], str]] = [
    (
        AGENTS,
        "start_worker claim_task claim_tasks heartbeat_task complete_task complete_tasks complete_and_claim fail_task "
        "release_task prepare_sleep get_up task_context store_artifact read_artifact record_model_call "
        "agent_model record_prompt begin_model_call end_model_call fail_model_call "
        "read_attachment similar_designs",
    ),
    ({"kicad"}, "store_board"),
    (
        AGENTS | FRONT_ENDS,
        "send_notification pending_notifications acknowledge_notification write_log log_event",
    ),
    (
        FRONT_ENDS,
        "receive_event start_front_end claim_deliveries record_delivery fail_delivery split_delivery move_cursor "
        "list_places receive_message attach_file attachment_problem",
    ),
    (FRONT_ENDS | {"admin"}, "share_design"),
    ({"pcb_designer", "kicad", "admin"}, "store_library"),
    (GATEWAY, "begin_request"),
    (WEB, "send_message"),
    (FRONT_ENDS | WEB | {"admin"}, "cancel_design pause_design resume_design fork_design replay_design"),
    (
        FRONT_ENDS | PEOPLE | WEB,
        "design_status design_messages design_files read_file bill_of_materials netlist design_history list_designs "
        "model_exchanges",
    ),
    (
        {"admin"},
        "enqueue_task enqueue_tasks cancel_task retry_task pause_agent resume_agent schedule_task unschedule_task "
        "run_maintenance change_setting retire_agent import_rows export_rows set_agent_channels set_agent_model "
        "forget_user allow_place disallow_place list_allowed_places",
    ),
    (PEOPLE, "agent_metrics delivery_metrics design_metrics model_metrics"),
    (PEOPLE, "list_settings setting_history import_columns model_settings backup_status"),
    (
        ADMINISTRATOR,
        "login_of_agent check_verifier create_login rotate_login revoke_login fit_logins",
    ),
    ({"admin"} | ADMINISTRATOR, "register_agent change_agent"),
    (PEOPLE | ADMINISTRATOR, "list_agents check_hardening"),
    (  # views
        PEOPLE,
        "queue_depth agents_alive stuck_work attempts_per_design model_costs model_spending longest_waits dead_letters "
        "oldest_transaction recent_logs",
    ),
    (PEOPLE | WEB, "my_designs queue_load"),  # views
    # what views and row security call with the reader's rights; without the schema core nobody can call it by name
    (PEOPLE | WEB, "core.now core.caller core.sees_user core.sees_every_user"),
    (EVERYBODY, "find_parts find_symbols find_footprints library_version"),
    (EVERYBODY | WEB, "help openapi schema_version require_version state_diagram state_machine"),
]

MAY_USE: dict[str, set[str]] = {name: roles for roles, names in _LIST for name in names.split()}
"""Function or view → the roles that may use it, every login by name."""


def granted() -> dict[str, set[str]]:
    """The same as the catalogue must have it: a right of all members of a group is the group's."""
    return {name: _by_group(roles) for name, roles in MAY_USE.items()}


def _by_group(roles: set[str]) -> set[str]:
    whole = {group: members for group, members in GROUPS.items() if members <= roles}
    return roles.difference(*whole.values()) | set(whole)
