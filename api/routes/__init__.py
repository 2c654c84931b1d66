"""All routes, one file a noun; each says what it may be asked, asks `access`, and answers in the words of `wire`."""
