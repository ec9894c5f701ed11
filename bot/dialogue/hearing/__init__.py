"""What words tell: of goods, orders and cases, and as answers to what was asked."""
