"""What every page and API shares, the widget's and the demo shop's pages, and the first HTTP API."""
