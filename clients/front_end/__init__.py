"""What every front end shares: how words and files are read and how a delivery looks, whoever carries it."""
