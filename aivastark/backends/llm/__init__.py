"""Language models: providers that write text when asked."""
