"""The agents and front ends: minimal loops over the database's `api` functions."""
