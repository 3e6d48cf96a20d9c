"""What the Discord bot is made of: hearing people, carrying deliveries, and how both look there."""
