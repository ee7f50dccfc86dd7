"""The rules: sign-in and its throttle, tokens' keys, who may open what, when a customer is erased."""
