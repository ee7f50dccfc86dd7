"""The pages that customers see: shops with their catalogue, checkout and account, each under a brand of its own."""
