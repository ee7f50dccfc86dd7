"""The same pipeline written by hand with asyncpg and aiokafka, without a framework."""
