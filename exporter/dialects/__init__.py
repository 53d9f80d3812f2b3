"""The dialects. A new one is one file beside this one, one line below, and its transcripts."""
