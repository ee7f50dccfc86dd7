"""The rules of shops and carts."""
