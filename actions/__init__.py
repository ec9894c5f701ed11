"""What the bot can do for a customer: the shop, its policy, and the acts behind the flows."""
