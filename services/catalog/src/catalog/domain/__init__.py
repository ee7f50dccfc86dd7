"""The rules of what is for sale."""
