"""Hostile inputs, by the million: seeded, so that each run can be had again."""
