"""The page of one person: warnings, the answer, what moved it, the recording."""
