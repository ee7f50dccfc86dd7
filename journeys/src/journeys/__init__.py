"""The whole suite in use: people and programs as they meet it from outside, over HTTP, mail and Kafka."""
