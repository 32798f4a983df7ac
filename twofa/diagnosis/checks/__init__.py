"""The checks, one function each: facts in, one line of the checklist out. None makes a query."""
