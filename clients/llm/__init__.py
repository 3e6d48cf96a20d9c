"""Language models: what the agents say to them, and what they do with the answers."""
