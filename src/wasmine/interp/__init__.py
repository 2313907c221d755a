"""Tier 0: the interpreter of the register IR."""
