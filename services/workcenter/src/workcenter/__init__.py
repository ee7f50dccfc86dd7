"""The pages that staff, reviewers and operators see: orders, articles, downloads, cases, rewards, and what is stuck."""
