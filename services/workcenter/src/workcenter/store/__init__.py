"""The table of sessions is the one there is; what it holds, only `pages.sessions` opens."""
