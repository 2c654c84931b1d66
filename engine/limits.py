"""Every limit of the engine, in one place, so that hostile or mistaken input ends in a finding, not in a dead
machine."""

YAML_BYTES_MAX = 16 * 2**20
YAML_DEPTH_MAX = 32
TEXTS_BYTES_MAX = 4 * 2**20
"""Of all texts that one publication changes."""
FORMULA_LENGTH_MAX = 8192
FORMULA_DEPTH_MAX = 64
"""Parentheses, calls and signs inside one another."""
FORMULA_HEIGHT_MAX = 128
"""The height of a formula's tree: a chain `a + b + c + ...` is as high as it is long."""
NUMBER_EXPONENT_MAX = 400
"""A literal number is between 10^-400 and 10^400 in size."""
FORMS_MAX = 200
COLUMNS_MAX = 200
ROWS_MAX = 4_000_000
EDITS_MAX = 100_000
FINDINGS_TOLD_MAX = 1_000
TEXT_LENGTH_MAX = 32_767
DIGITS_MAX = 9
POWER_BITS_MAX = 4_096
NUMBER_MAX = 2**53 - 1
"""A cell holds a whole number of its last digit no larger than this: JSON, Excel and every browser keep it exactly."""
NORM_CELLS_MAX = 2**22
"""Cells of one norm as a flat table."""
