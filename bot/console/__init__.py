"""Where agents work: signing in, the API of tickets, the pages."""
