"""`./mas bench`: the queue's goals, measured on one server, in turn with the floor and with other queues."""
