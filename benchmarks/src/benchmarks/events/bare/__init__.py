"""The same pipeline by hand: asyncpg and aiokafka, no framework."""
