"""Questions whose answers a project keeps an eye on: expectations, runs, and holding back what breaks them."""
