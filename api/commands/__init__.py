"""The commands of `esep`, a file each: `configure` says what one takes, `run` does it and gives the exit code."""
