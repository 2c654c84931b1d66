"""What if: overrides over a pinned base, and why the figures moved."""
