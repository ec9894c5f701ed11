"""What goes on beside turns: messages and notices going out, shop commands, what died or waits."""
