"""Texts that people wrote, as trees that know where each word stands."""
