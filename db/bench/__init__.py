"""`./mas bench`: the queue's goals, on one server, in turn with the bare floor and with other queues.

How it is done, so that the figures can be trusted:

- A PostgreSQL of the bench's own (the embedded one, with our settings and no others), the same for every
  system.  Each round has databases that nobody has used; short turns side by side, another system first each
  time; figures are medians, ratios are medians of ratios turn by turn, so that what disturbs the machine
  disturbs both sides.
- Two regimes: the disk as it is with default durability, and `commit_delay=3000, commit_siblings=0`, which
  stands for a disk that needs 3 ms and makes machines comparable.
- Ours, a plain INSERT and the floor (pairs of one-row UPDATE transactions) by pgbench with prepared
  statements and eight clients; ours as the real roles, the others as the superuser, for whom the server
  checks less.
- Other queues by their own clients, as their documentation says (`programs.PEERS` says how, and what they
  do with finished tasks), pinned by hashes, in an environment of their own under <home>/bench.  They are
  held against ours through psycopg, so that clients are compared with clients.  What they did is counted in
  their tables.
- Everybody keeps finished tasks, as ours does; who would delete them keeps them by a trigger, and is
  measured without it beside the goals.
- The first transactions of each client do not count: plans are made and caches filled by then.
- The server's CPU is that of the postmaster and all its children, ended ones included.

`Bench` is what a measure works with; `run.MEASURES` lists them.
"""
