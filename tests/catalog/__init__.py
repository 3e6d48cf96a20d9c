"""Tests of the catalog designer."""
