"""Who calls (access tokens), and who may read (personal fields sealed to the keys of their subjects)."""
