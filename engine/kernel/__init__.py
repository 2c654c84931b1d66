"""Formulas as operations over whole numbers, run by numpy and as compiled loops, cell for cell the same."""
