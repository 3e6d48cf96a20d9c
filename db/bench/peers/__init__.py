"""Drivers of other queues; they run in environments of their own, under <home>/bench."""
