"""Where customers write from."""
