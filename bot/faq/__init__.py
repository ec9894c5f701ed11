"""The FAQ in force: the shop's file with what people have edited since, and questions that nothing answered."""
