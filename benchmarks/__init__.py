"""Speed, measured side by side with what a user would use instead; run by `esep bench NAME`."""
